"""The table of models: sorting and filtering."""

from examples import PLAIN_MODEL, VISION_MODEL


def order_of(page, column):
    return page.find(f"th:has([data-column={column}])").get_attribute("aria-sort")


def test_sorting(page):
    page.wait(lambda: page.models, "no models are shown")
    preferred = page.models
    assert order_of(page, "rank") == "ascending"

    page.click("[data-column=id]")
    assert page.models == sorted(preferred)
    page.click("[data-column=id]")
    assert page.models == sorted(preferred, reverse=True)
    assert (order_of(page, "id"), order_of(page, "rank")) == ("descending", "none")

    page.click("[data-column=context]")
    assert page.models[-1] == PLAIN_MODEL, "the smallest context comes last"
    page.click("[data-column=rank]")
    assert page.models == preferred


def test_every_column_sorts(page, proxy):
    proxy.chat(PLAIN_MODEL)
    page.update()
    page.wait(lambda: page.model(PLAIN_MODEL, "success") == "100 %", "the attempt is not counted")
    every = sorted(page.models)
    # The speed is not known where the whole answer came at one moment, as it does on a busy machine.
    known = [column for column in ("success", "first", "speed") if page.model(PLAIN_MODEL, column) != "–"]
    assert "success" in known
    for column in page.run("return [...document.querySelectorAll('[data-column]')].map((node) => node.dataset.column)"):
        for _ in range(2):
            page.click(f"[data-column={column}]")
            assert order_of(page, column) != "none"
            assert sorted(page.models) == every
            if column in known:
                assert page.models[0] == PLAIN_MODEL, "what is unknown comes last, however it is sorted"


def test_sorting_stays_through_updates(page, proxy):
    page.click("[data-column=id]")
    ordered = page.models
    proxy.chat(PLAIN_MODEL)
    page.update()
    page.wait_for_text("#requests-list", PLAIN_MODEL)
    assert page.models == ordered


def test_filtering(page):
    page.wait(lambda: page.models, "no models are shown")
    every = page.models
    page.type("#models-text", "IRIS")
    assert page.models == [VISION_MODEL]
    assert page.text("#models-count") == f"1 of {len(every)} models"
    page.click("#models-filter [value=thinking]")
    assert page.models == []
    page.click("#models-filter [value=thinking]")
    page.type("#models-text", " ")
    page.click("#models-filter [value=vision]")
    assert VISION_MODEL in page.models and len(page.models) < len(every)
    page.click("#models-filter [value=vision]")
    page.click("#models-filter [value=ready]")
    assert page.models == every
