"""A word predicted at every step: what each loss adds, its credit matrix read aloud."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.theatre import Opener, Theatre, address, eventually, open_page, written

ASKED = {"sentence": "movie was not good", "task": "next_word", "weights": "lecture"}


@pytest.fixture
def theatre(new_page: Opener) -> Theatre:
    page: Page = new_page(reduced_motion="reduce")
    return open_page(page, _path())


def _path() -> str:
    return address(**ASKED)


@pytest.fixture
def answer(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/run{_path()[1:]}").json()
    return found


def test_a_step_tells_its_own_loss_from_later_ones(theatre: Theatre, answer: dict[str, Any]) -> None:
    readout, back = answer["forward"]["readout"], answer["backward"]
    for t in range(1, 5):
        theatre.goto("output", t, 2)
        assert theatre.numbers(f"z-{t}") == [written(z) for z in readout["logit"][t - 1]]
        assert theatre.numbers(f"y-{t}") == [written(y) for y in readout["y_hat"][t - 1]]
        assert theatre.seen(f"y-{t}") and not theatre.ghost(f"y-{t}")
        assert t == 4 or theatre.ghost(f"y-{t + 1}")
    theatre.goto("back", 2, 1)
    assert theatre.numbers("dz-2") == [written(d) for d in back["readout"]["dL_dlogit"][1]]
    assert theatre.numbers("own-2") == [written(d) for d in back["readout"]["dL_dinput"][1]]
    assert theatre.seen("own-2") and theatre.seen("beyond-2") and not theatre.seen("y-2")
    total, own = back["left_to_right"]["dL_dh"][1], back["readout"]["dL_dinput"][1]
    rest = [float(text.replace("−", "-")) for text in theatre.numbers("beyond-2")]
    assert rest == pytest.approx([whole - part for whole, part in zip(total, own, strict=True)], abs=6e-4)
    theatre.key("ArrowLeft")
    assert (theatre.moment().phase, theatre.moment().t) == ("back", 3)


def test_the_story_says_which_word_comes_and_what_it_costs(theatre: Theatre, answer: dict[str, Any]) -> None:
    theatre.goto("output", 2, 2)
    assert "The word that comes is “not”" in theatre.said()
    theatre.goto("loss", 4, 1)
    assert "no loss" in theatre.said()
    theatre.goto("loss", 4, 2)
    assert (theatre.part("L").text_content() or "") == f"L = {answer['loss']:.2f}"
    theatre.goto("again", 0, 2)
    assert theatre.seen("y2-1") and not theatre.seen("z-1")


def test_the_credit_matrix_is_walked_by_arrows_and_lights_loss_and_step(
    theatre: Theatre, answer: dict[str, Any]
) -> None:
    page, credit = theatre.page, answer["backward"]["credit"]
    expect(page.locator(".credit .blame")).to_have_count(6)
    eventually(page, "document.querySelector('.credit .blame[tabindex=\"0\"]') !== null")
    page.locator(".credit .blame").first.focus()
    for key in ("ArrowDown", "ArrowDown"):
        theatre.key(key)
    held = page.locator(".credit .blame:focus")
    expect(held).to_have_accessible_name(
        f"The loss after “not” blames step 1, “movie”, with {written(credit[2][0])}."
    )
    assert held.inner_text() == written(credit[2][0])
    lit = page.locator(".blaming").evaluate_all("(all) => all.map((el) => el.id).sort()")
    assert lit == ["col-1", "foot-3", "lost-3"]
    theatre.key("ArrowRight")
    assert page.locator(".blaming").evaluate_all("(all) => all.map((el) => el.id).sort()") == [
        "col-2", "foot-3", "lost-3",
    ]  # fmt: skip
    theatre.key("Enter")
    expect(page.locator("#inspector[data-part-shown='dh-2']")).to_be_visible()


def test_pointing_at_a_number_says_its_sentence(theatre: Theatre) -> None:
    page = theatre.page
    page.locator(".credit .blame").nth(1).hover()
    expect(page.locator(".creditsaid")).to_contain_text("The loss after “was” blames step 1, “movie”, with")
    page.locator("#credit-h").hover()
    expect(page.locator(".blaming")).to_have_count(0)


def test_the_task_is_chosen_beside_the_sentence_and_the_label_goes(new_page: Opener) -> None:
    page: Page = new_page(reduced_motion="reduce")
    open_page(page, address("movie was not good", target=0))
    expect(page.locator(".question .target")).to_be_visible()
    page.locator("#f-task").select_option("next_word")
    expect(page.locator("#foot-1")).to_have_count(1)  # not in sight while the network is folded
    expect(page.locator(".question .target")).to_be_hidden()
    expect(page).to_have_url(re.compile("task=next_word"))
    page.locator("#f-task").select_option("sentiment")
    expect(page.locator("#foot-1")).to_have_count(0)
    expect(page.locator(".question .target")).to_be_visible()
