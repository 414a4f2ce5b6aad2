"""That everybody can read it: on a phone, in the light and in the dark."""

import pytest
from examples import MODEL, PLAIN_MODEL, failure, stream_of
from page import PHONE

# The contrast of every text with its background, as the Web Content Accessibility Guidelines count it;
# those that have too little of it are returned.
FAINT_TEXTS = """
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => channels(colour).slice(0, 3).map((value) => value / 255)
        .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((total, value, index) => total + value * [0.2126, 0.7152, 0.0722][index], 0);
    const isClear = (colour) => channels(colour)[3] === 0;
    const ground = (node) => {
        const colour = getComputedStyle(node).backgroundColor;
        return isClear(colour) && node.parentElement ? ground(node.parentElement) : colour;
    };
    const contrast = (node) => {
        const style = getComputedStyle(node);
        const text = node.closest("svg") ? style.fill : style.color;
        const [light, dark] = [text, ground(node)].map(luminance).sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
    };
    const hasText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    return [...document.body.querySelectorAll("*")]
        .filter((node) => hasText(node) && node.checkVisibility() && contrast(node) < 4.5)
        .map((node) => `${node.textContent.trim()}: ${contrast(node).toFixed(2)}`);
"""


@pytest.fixture
def busy(page, proxy, upstream):
    """The page of a proxy that has done a few things, with everything open that can be opened."""
    upstream.script(
        {
            MODEL: [failure("429-provider"), stream_of("No")],
            PLAIN_MODEL: failure("midstream-error"),
            "*": stream_of("x" * 300, " and", " more", reasoning=["Let me see."]),
        }
    )
    for model in (MODEL, "llama3.2", "an-app-with-a-name-that-is-far-longer-than-any-that-was-ever-seen:latest", PLAIN_MODEL):
        proxy.chat(model)
    page.update()
    page.type("#try-prompt", "Is it going to rain?")
    page.click("#try-send")
    page.wait_for_text("#try-outcome", "answered")
    page.wait_for_text("#requests-count", "5 requests")
    page.click("[name=range][value=day]")
    page.wait_for_text("#chart-requests .readout", "answered")
    page.run("for (const details of document.querySelectorAll('details')) details.open = true")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(busy, scheme):
    busy.set_scheme(scheme)
    busy.screenshot(scheme)
    assert busy.run(FAINT_TEXTS) == []
    ground = busy.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (min(ground) > 200) if scheme == "light" else (max(ground) < 50)


def test_it_fits_a_phone(busy):
    busy.set_size(PHONE)
    busy.screenshot("phone")
    assert busy.run("return [document.scrollingElement.scrollWidth <= innerWidth, innerWidth]") == [True, PHONE[0]]
    assert busy.is_shown("#models-rows [data-field=id]")
    assert busy.is_shown("[data-column=speed]"), "cards must be sortable as well"


def test_everything_has_a_name(busy):
    """What can be operated says what it is to those who do not see it."""
    nameless = busy.run("""
        return [...document.querySelectorAll("button, input, select, textarea, [role=slider], [role=meter], [role=region]")]
            .filter((node) => node.checkVisibility() && !node.textContent.trim() && !node.ariaLabel
                && !node.labels?.length && !node.ariaLabelledByElements?.length)
            .map((node) => node.outerHTML);
    """)
    assert nameless == []
    assert busy.run("return [...document.querySelectorAll('[id]')].length === new Set([...document.querySelectorAll('[id]')].map((node) => node.id)).size")
