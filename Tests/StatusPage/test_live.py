"""What the page shows, and that it goes on showing what is so."""

import re

import pytest
from examples import MODEL, PLAIN_MODEL, failure, stream_of

FIRST_REQUEST = "#requests-list > li:first-child"


def test_it_loads_from_one_origin_and_without_complaint(page, proxy):
    page.wait(lambda: page.models, "no models are shown")
    page.wait_for_text("#chart-requests .readout", "no requests in this hour")
    assert page.text("#summary")
    assert re.match(r"\d+\.\d+", page.text("#version"))
    assert page.console() == []
    assert {url.startswith((proxy.root + "/", "data:")) for url in page.requested()} == {True}


def test_a_request_appears_without_a_reload(page, proxy):
    page.run("window.isTheSame = true")
    proxy.chat("some-app-model")
    page.wait_for_text(FIRST_REQUEST, "some-app-model")
    assert page.texts(f"{FIRST_REQUEST} [data-field=outcome]")[0] == "answered"
    assert MODEL in page.text(f"{FIRST_REQUEST} [data-field=model]")
    page.click("[name=range][value=day]")
    page.wait_for_text("#chart-requests .readout", "1 answered")
    page.wait_for_text("#chart-tokens .readout", "written")
    assert page.run("return window.isTheSame")


def test_what_somebody_reads_stays_through_updates(page, proxy):
    proxy.chat("the-first")
    page.update()
    page.wait_for_text(FIRST_REQUEST, "the-first")
    page.run("""
        window.opened = document.querySelector("#requests-list summary");
        opened.click();
        opened.focus();
        scrollTo(0, 300);
    """)
    # Enough to push it beyond the rows that are shown at first.
    for _ in range(14):
        proxy.chat("a-later-one")
    page.update()
    page.wait_for_text("#requests-count", "15 requests")
    assert page.run("return opened.isConnected && opened.parentNode.open && document.activeElement === opened")
    assert page.run("return scrollY") == 300


def test_a_failed_attempt_and_its_reason(page, proxy, upstream):
    upstream.script({MODEL: failure("429-provider"), "*": stream_of("No")})
    proxy.chat(MODEL)
    page.update()
    page.wait_for_text(FIRST_REQUEST, "2 attempts")
    page.click(f"{FIRST_REQUEST} summary")
    assert page.is_shown(f"{FIRST_REQUEST} .attempts")
    assert "rate limited" in page.text(f"{FIRST_REQUEST} .attempts > li:first-child [data-field=outcome]")
    assert "429" in page.text(f"{FIRST_REQUEST} .attempts > li:first-child [data-field=reason]")
    assert "answered" in page.text(f"{FIRST_REQUEST} .attempts > li:last-child [data-field=outcome]")

    assert page.model(MODEL, "state") == "cooldown"
    assert page.model(MODEL, "reason") == "rate limited"
    left = page.model(MODEL, "cooldown")
    page.wait(lambda: page.model(MODEL, "cooldown") != left, "the cooldown does not count down")


@pytest.mark.parametrize("settings", [{"FREE_REQUESTS_PER_DAY": "2"}], ids=["two-a-day"])
def test_the_budget(page, proxy):
    gauge = page.find("#budget-day .gauge")
    for left, level in ((1, "fine"), (0, "out")):
        proxy.chat(PLAIN_MODEL)
        page.update()
        page.wait(lambda: page.text("#budget-day [data-field=value]") == str(left), f"{left} are never left")
        assert gauge.get_attribute("aria-valuetext") == f"{left} of 2 left"
        assert page.find("#budget-day").get_attribute("data-level") == level
    assert "Used up" in page.text("#budget-day [data-field=note]")
    assert page.state == "limited"


def test_text_of_others_is_only_text(page, proxy):
    name = "<img src=x onerror=document.title=1>"
    proxy.chat(name)
    page.update()
    page.wait(lambda: name in page.texts(f"{FIRST_REQUEST} [data-field=asked]"), "the name is not shown as it is")
    assert page.run("return document.images.length") == 0


def test_charts_are_read_by_keys(page, proxy):
    proxy.chat(PLAIN_MODEL)
    page.click("[name=range][value=week]")
    page.wait_for_text("#chart-requests .readout", "1 answered")
    chart = page.find("#chart-requests svg")
    page.run("arguments[0].focus()", chart)
    chart.send_keys("\ue010")  # End
    last = chart.get_attribute("aria-valuetext")
    assert last.endswith("1 answered, 0 failed")
    assert last == page.text("#chart-requests .readout")
    chart.send_keys("\ue012")  # Left
    assert chart.get_attribute("aria-valuetext").endswith("no requests")
