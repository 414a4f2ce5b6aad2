"""A server that goes away and comes back, and one that wants a key."""

import urllib.error

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
