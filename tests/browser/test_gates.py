"""Networks with gates in a browser: the cell that opens, the cards of a gate, the highway."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.experiments.presets import presets
from app.experiments.query import permalink, to_query
from app.stage.numbers import shorts
from tests.browser.theatre import Opener, Theatre, address, open_page

PRESETS = {preset.experiment.cell: preset.experiment for preset in presets() if preset.group == "Gates"}
GATES = {"lstm": "ifgo", "gru": "rzn"}


def opened(page: Page, cell: str) -> tuple[Theatre, dict[str, Any]]:
    """The page of a cell's preset, and what the API answers to the same question."""
    answer = page.request.get(f"/api/v1/run?{to_query(PRESETS[cell])}").json()
    return open_page(page, permalink(PRESETS[cell])), answer


@pytest.mark.parametrize("cell", GATES)
def test_the_cell_of_the_step_in_hand_is_open_and_c_closes_it(page: Page, cell: str) -> None:
    theatre, _ = opened(page, cell)
    theatre.goto("forward", 2)
    expect(theatre.part("cell-2")).to_be_visible()
    expect(theatre.part("cell-3")).to_be_hidden()
    theatre.key("c")
    expect(theatre.part("cell-2")).to_be_hidden()
    expect(page.locator("[data-do=cell]")).to_have_attribute("aria-expanded", "false")
    page.locator("[data-do=cell]").click()
    expect(theatre.part("cell-2")).to_be_visible()
    theatre.goto("output", 4)
    expect(page.locator(".cell:visible")).to_have_count(0)


@pytest.mark.parametrize("cell", GATES)
def test_a_frame_about_a_gate_shows_its_cards_and_the_choice_returns_after_it(page: Page, cell: str) -> None:
    theatre, _ = opened(page, cell)
    chosen, other = GATES[cell][2], GATES[cell][1]
    theatre.goto("output", 4)
    page.locator(f"label[for=gate-{chosen}]").click()
    expect(page.locator(f"#adds-gate-{chosen}")).to_be_checked()
    expect(theatre.part(f"W_h{chosen}")).to_be_visible()
    asked = next(frame for frame in page.locator(f".frame[data-phase=back][data-gate={other}]").all())
    part = int(asked.get_attribute("data-part") or 0)
    theatre.goto("back", 4, part)
    expect(page.locator(f"#gate-{other}")).to_be_checked()
    expect(theatre.part(f"W_h{other}")).to_be_visible()
    expect(theatre.part(f"W_h{chosen}")).to_be_hidden()
    theatre.goto("output", 4)
    expect(page.locator(f"#gate-{chosen}")).to_be_checked()


def test_another_cell_is_chosen_in_the_rail_and_takes_along_what_suits_it(page: Page) -> None:
    open_page(page, "/?sentence=movie+was+good&activation=relu&bias=outside")
    page.locator("#f-cell").select_option("lstm")
    expect(page.locator("#cells")).to_be_attached()
    expect(page.locator("#f-activation")).to_have_count(0)
    expect(page.locator("#f-forget_bias")).to_have_value("1.0")
    assert page.locator("#f-bias option").all_text_contents() == ["inside f", "none"]
    page.locator("#f-cell").select_option("elman")
    expect(page.locator("#cells")).to_have_count(0)
    expect(page.locator("#f-activation")).to_have_value("tanh")


@pytest.mark.parametrize(("cell", "first"), [("lstm", [".323", ".391", ".414"]), ("gru", None)])
def test_the_highway_stands_beside_the_whole_derivative(
    page: Page, cell: str, first: list[str] | None
) -> None:
    _, answer = opened(page, cell)
    row = page.locator("#highway .mini").first.locator("tbody tr").first
    expect(row).to_be_visible()
    products = row.locator("td.of").all_text_contents()
    gate = {"lstm": "f", "gru": "z"}[cell]
    valves = answer["forward"]["left_to_right"]["gates"][gate]
    expected = [1.0, 1.0, 1.0]
    for t in (3, 2, 1):
        expected = [a * b for a, b in zip(expected, valves[t], strict=True)]
    assert products == shorts(expected)
    assert first in (None, products)
    whole = page.locator("#highway .mini").nth(1).locator("tbody tr").first.locator("td").nth(1)
    norms = answer["backward"]["left_to_right"]["dhT_dh_norm"]
    assert whole.text_content() == shorts([norms[0]])[0]


def test_the_bars_are_those_of_the_weight_that_is_told(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = open_page(page, address("movie was not good", task="next_word"))

    def shown(*moment: object) -> str:
        theatre.goto(*moment)
        return page.locator(".adds .tabs > input:checked").input_value()

    told = [("outback", 2, 2), ("back", 2, 3), ("accumulate", 0, 1), ("accumulate", 0, 3), ("update", 0, 1)]
    assert [shown(*moment) for moment in told] == ["W_hy", "W_hh", "W_xh", "b_h", "W_hh"]
    page.locator(".adds label[for=adds-W_xh]").click()
    assert [shown(*moment) for moment in told] == ["W_hy", "W_xh", "W_xh", "b_h", "W_xh"]


@pytest.mark.parametrize("cell", GATES)
def test_the_title_of_the_opened_cell_stays_in_sight(new_page: Opener, cell: str) -> None:
    theatre = open_page(new_page(width=1024, height=768), permalink(PRESETS[cell]))
    theatre.goto("forward", 2, 2)
    for step, left in ((2, 0), (2, 600), (3, 600)):  # the strip stays where it is when the step changes
        theatre.goto("forward", step, 2)
        theatre.page.locator("#cells").evaluate("(strip, left) => { strip.scrollLeft = left; }", left)
        theatre.page.wait_for_timeout(100)
        title = theatre.page.locator(".cell.cur .celltitle").bounding_box()
        strip = theatre.page.locator("#cells").bounding_box()
        assert title and strip and strip["x"] <= title["x"]
        assert title["x"] + title["width"] < strip["x"] + strip["width"]
