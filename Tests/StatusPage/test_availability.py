"""A server that goes away and comes back, that requires a key, that is behind another; and a page that is not visible."""

import threading
import urllib.error
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import WatchedProxy
from page import Page

KEY = "a-key-of-the-clients"


def test_a_server_that_goes_away_and_comes_back(page, proxy, upstream, tmp_path):
    page.run("window.isTheSame = true")
    port = proxy.root.rpartition(":")[2]
    assert proxy.stop() == 0
    page.wait_for_text("#notice-text", "The server does not answer")
    assert page.state == "unknown"
    assert page.is_shown("#notice")
    with WatchedProxy(upstream, tmp_path, PORT=port) as successor:
        page.wait(lambda: not page.text("#notice-text"), "the page does not notice that the server is back")
        assert page.state == "ready"
        successor.chat("after-the-restart")
        page.update()
        page.wait_for_text("#requests-list", "after-the-restart")
    assert page.run("return window.isTheSame"), "it was reloaded"


def test_a_server_that_wants_a_key(browser, upstream, tmp_path):
    with WatchedProxy(upstream, tmp_path, key=KEY) as proxy:
        with pytest.raises(urllib.error.HTTPError) as refusal:
            proxy.headers.clear()
            proxy.fetch("/status")
        assert refusal.value.code == 401
        assert refusal.value.headers["WWW-Authenticate"].startswith("Basic")

        page = Page(browser, proxy.root.replace("://", f"://reader:{KEY}@")).open()
        page.wait(lambda: page.models, "no models are shown")
        page.type("#try-prompt", "Is it going to rain?")
        page.click("#try-send")
        page.wait_for_text("#try-outcome", "answered")
        page.wait_for_text("#requests-list", "auto")
        page.click("[name=range][value=day]")
        page.wait_for_text("#chart-requests .readout", "answered")
        assert page.console() == []
        browser.get("about:blank")


@contextmanager
def behind_a_prefix(proxy):
    """A web server that hands on what is asked for below a path of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = proxy.fetch(self.path.removeprefix("/some/prefix")) if self.path.startswith("/some/prefix/") else b""
            self.send_response(200 if body else 404)
            # By the name's end, as a browser goes by the type and not by what is in it.
            types = {"css": "text/css", "js": "text/javascript", "status": "text/html"}
            self.send_header("Content-Type", types.get(self.path.replace(".", "/").rpartition("/")[2], "text/plain"))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/some/prefix"
        server.shutdown()


def test_a_server_behind_a_prefix(page, proxy):
    proxy.chat("through-another-server")
    with behind_a_prefix(proxy) as root:
        page.open(root)
        page.wait_for_text("#requests-list", "through-another-server")
        page.wait_for_text("#chart-requests .readout", "1 answered")
        assert page.console() == []
        page.browser.get("about:blank")


def test_nothing_is_asked_while_nobody_looks(page, proxy):
    page.run("""
        window.look = (isLooking) => {
            Object.defineProperty(document, "hidden", { value: !isLooking, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        };
        look(false);
    """)
    # For longer than the page waits between two questions.
    proxy.chat("while-nobody-looked")
    begun = page.run("return performance.now()")
    page.wait(lambda: page.run("return performance.now()") > begun + 3000, "time does not pass")
    assert "while-nobody-looked" not in page.text("#requests-list")
    page.run("look(true)")
    page.wait_for_text("#requests-list", "while-nobody-looked")
