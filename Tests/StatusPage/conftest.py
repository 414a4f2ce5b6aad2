"""What every test starts from: an upstream and a proxy of its own, and one browser for all of them."""

import json
import urllib.error
import urllib.request

import pytest
from page import DESKTOP, Page, start_browser
from processes import FakeOpenRouter, OllamaProxy


class WatchedProxy(OllamaProxy):
    """The server under test, which may want a key."""

    def __init__(self, upstream, folder, key=None, **settings):
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        super().__init__(upstream, folder, **({"PROXY_API_KEYS": key} if key else {}), **settings)

    def health(self):
        return json.loads(self.fetch("/health"))

    def chat(self, model, prompt="Is it going to rain?"):
        """Asks as an app would, and returns the status of the reply."""
        try:
            self.fetch("/api/chat", {"model": model, "messages": [{"role": "user", "content": prompt}]})
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def fetch(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data=data, headers=self.headers)
        with urllib.request.urlopen(request, timeout=15) as reply:
            return reply.read()


@pytest.fixture(scope="session")
def browser():
    browser = start_browser()
    yield browser
    browser.quit()


@pytest.fixture
def upstream():
    with FakeOpenRouter() as upstream:
        yield upstream


@pytest.fixture
def settings():
    """Environment variables for the proxy; tests override this with `parametrize`."""
    return {}


@pytest.fixture
def proxy(upstream, tmp_path, settings):
    with WatchedProxy(upstream, tmp_path, **settings) as proxy:
        yield proxy
        assert proxy.stop() == 0, proxy.log.read_text()


@pytest.fixture
def page(browser, proxy):
    page = Page(browser, proxy.root)
    page.set_size(DESKTOP)
    page.set_scheme("light")
    yield page.open()
    # The next test's proxy is another; this one's page has nothing to ask for any more.
    browser.get("about:blank")
