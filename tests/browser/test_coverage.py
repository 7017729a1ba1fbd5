"""Rows of the notes' coverage table, as a student sees them on the stage; tests/api has them over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.theatre import Moment, Theatre, address, eventually, open_page, value_of, watch_of, watched
from tests.conftest import LiveServer

CATMATRAT: dict[str, Any] = {"corpus": "catmatrat"}
MOVIE: dict[str, Any] = {"target": 0}
TWENTY = (
    "Maharashtra is a beautiful place. I went there last year. "
    "But I could not enjoy properly, because I don't understand"
)


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url, reduced_motion="reduce") as page:
        yield page


@pytest.fixture
def stage(opened: Page) -> Iterator[Callable[..., Theatre]]:
    """Opens a run with the lecture's weights; a run that is open already is kept and wound back."""

    def open_run(sentence: str = "cat mat rat", **fields: Any) -> Theatre:
        fields = fields or CATMATRAT
        path = address(sentence, **fields)
        if not opened.url.endswith(path):
            return open_page(opened, path)
        opened.keyboard.press("Home")
        return Theatre(opened)

    yield open_run
    watch_of(opened).assert_clean()


def near(expected: Any) -> Any:
    """To what a cell shows: three decimals, or three significant figures."""
    return pytest.approx(expected, abs=6e-4, rel=6e-3)


def numbers(theatre: Theatre, part: str) -> list[float]:
    return [value_of(text) for text in theatre.numbers(part)]


def test_row_1_the_gradient_visits_loss_output_then_the_steps_backwards(
    stage: Callable[..., Theatre],
) -> None:
    theatre = stage()
    visited = list(dict.fromkeys((m.phase, m.t) for m in theatre.moments()))
    gradient = visited[visited.index(("loss", 3)) :][:5]
    assert gradient == [("loss", 3), ("outback", 3), ("back", 3), ("back", 2), ("back", 1)]
    known = ("dy", "dz", "dh-3", "dh-2", "dh-1")
    moments = theatre.moments()
    learned: list[str] = []
    for k in range(theatre.find("loss"), theatre.find("accumulate")):
        theatre.scrub(k)
        fresh = [part for part in known if part not in learned and not theatre.ghost(part)]
        assert len(fresh) <= 1, moments[k]
        learned += fresh
    assert tuple(learned) == known


def test_row_2_one_answer_and_only_after_the_last_word(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    assert theatre.page.locator("[id='y']").count() == 1
    for t in (1, 2, 3):
        theatre.goto("forward", t, 4)
        assert theatre.ghost("y") and not theatre.ghost(f"h-{t}")
    theatre.goto("output", 3, 2)
    assert not theatre.ghost("y")
    assert numbers(theatre, "y") == near([0.604485])
    assert theatre.page.locator("[id^='h-'].vec").count() == 4, "h_0 and three states"


def test_rows_8_47_50_after_one_step_only_the_first_state_is_known(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    theatre.goto("forward", 1, 4)
    assert theatre.seen("h-1") and numbers(theatre, "h-1") == near([0.53705, -0.37995, 0.37995])
    assert [theatre.ghost(f"h-{t}") for t in (1, 2, 3)] == [False, True, True]
    assert not theatre.seen("h-2") and not theatre.seen("y") and theatre.ghost("x-2")
    digits = theatre.part("x-1").locator(":is(.hot, .cold) text").all_text_contents()
    assert [text.strip() for text in digits] == ["1", "0", "0"]


def test_rows_5_48_the_rows_of_w_xh_are_the_words_in_order_of_appearance(
    stage: Callable[..., Theatre],
) -> None:
    labels = ".weights .wlabel"
    assert stage(**CATMATRAT).page.locator(labels).all_text_contents() == ["cat", "mat", "rat"]
    movie = stage("movie was not good", **MOVIE).page.locator(labels).all_text_contents()
    assert movie == ["movie", "was", "good", "bad", "not"]


def test_rows_6_37_each_code_has_its_one_at_the_words_place(stage: Callable[..., Theatre]) -> None:
    hot = """(all) => all.map((el) => [...el.querySelectorAll(".hot, .cold")].findIndex(
      (cell) => cell.classList.contains("hot")))"""
    codes = stage("mat mat cat", **CATMATRAT).page.locator(".vec.code").evaluate_all(hot)
    assert codes == [1, 1, 0]
    own = stage("Hi my name", corpus="custom", review=["Hi my name is Rat|1"], weights="drawn")
    assert own.page.locator(".vec.code").evaluate_all(hot) == [0, 1, 2]


def test_rows_12_13_the_losses_their_slopes_and_one_step_down(stage: Callable[..., Theatre]) -> None:
    for loss, before, after, slope in (
        ("bce", "0.503379", "0.455086", -1.654301), ("mse", "0.156432", "0.145238", -0.791030),
        ("difference", "0.395515", "", -1.0),
    ):  # fmt: skip
        theatre = stage("cat mat rat", **CATMATRAT, loss=loss)
        assert numbers(theatre, "dy") == near([slope])
        theatre.goto("loss", part=1)
        assert before in theatre.said()
        theatre.goto("again", part=2)
        assert before in theatre.said() and after in theatre.said()


def test_row_9_each_state_opens_into_its_products(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    theatre.goto("forward", 3, 3)
    sums = [
        a + b + c for a, b, c in zip(*(numbers(theatre, f"{p}-3") for p in ("xw", "hw", "bb")), strict=True)
    ]
    assert numbers(theatre, "a-3") == pytest.approx(sums, abs=2e-3)
    assert numbers(theatre, "h-2") == near([0.13236, 0.34546, -0.13969])
    assert numbers(theatre, "h-3") == near([0.10544, 0.18389, 0.66896])
    outside = stage("cat mat rat", **CATMATRAT, bias="outside", loss="mse")
    assert numbers(outside, "h-1") == near([0.56212, -0.39131, 0.39738])
    assert numbers(outside, "y") == near([0.688445])


def test_rows_10_60_every_step_uses_one_and_the_same_card(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    page = theatre.page
    assert page.locator("svg.weights[data-name='W_hh']").count() == 1
    for t in (1, 2, 3):
        theatre.goto("forward", t, 2)
        expect(page.locator("[id='W_hh-all'].lit")).to_have_count(1)
        theatre.goto("forward", t, 1)
        row_of_word = {1: 0, 2: 1, 3: 2}[t]
        expect(page.locator(f"[id='W_xh-{row_of_word}'].lit")).to_have_count(1)
    assert page.locator(".column .thread").count() == 3, "a thread ties each copy to the card"


def test_row_14_the_update_shows_old_step_and_new(stage: Callable[..., Theatre]) -> None:
    theatre = stage("movie was not good", **MOVIE)
    theatre.goto("update", part=2)
    for row in range(3):
        old, step = numbers(theatre, f"W_hh-{row}"), numbers(theatre, f"step-W_hh-{row}")
        gradient, new = numbers(theatre, f"tot-W_hh-{row}"), numbers(theatre, f"new-W_hh-{row}")
        assert new == pytest.approx([a + b for a, b in zip(old, step, strict=True)], abs=1.1e-3)
        assert step == pytest.approx([-0.1 * g for g in gradient], abs=6e-4)
    overshoot = stage("movie was not good", **MOVIE, learning_rate=10)
    overshoot.goto("again", part=2)
    assert "1.28468" in overshoot.said() and "3.52" in overshoot.said() and "Overshoot" in overshoot.said()


def test_rows_17_18_a_sentence_has_as_many_bars_and_coins_as_words(stage: Callable[..., Theatre]) -> None:
    counts = {"cat mat rat": 3, "movie was not good": 4, TWENTY: 20}
    for sentence, steps in counts.items():
        fields = (
            {"corpus": "maharashtra", "hidden_size": 8} if steps == 20 else CATMATRAT if steps == 3 else MOVIE
        )
        theatre = stage(sentence, **fields)
        for name in ("W_xh", "W_hh", "b_h"):
            assert theatre.page.locator(f"path.bar[id^='bars-{name}-']").count() == steps
            assert theatre.page.locator(f".slot[id^='slot-{name}-']").count() == steps


def test_row_17_the_coins_of_one_unit_are_the_three_products(stage: Callable[..., Theatre]) -> None:
    """The scalar network: −0.013535, −0.031701, −0.053628 for cat, mat and rat."""
    one = ('{"left_to_right":{"W_xh":[[0.5],[-0.3],[0.8]],"W_hh":[[0.6]],"b_h":[0.1]},'
           '"readout":{"W_hy":[[0.9]],"b_y":[0.1]}}')  # fmt: skip
    theatre = stage("cat mat rat", **CATMATRAT, loss="mse", weights="drawn", parameters=one)
    coins = []
    for t in (1, 2, 3):
        theatre.goto("back", t, 2)
        coins += numbers(theatre, f"in-W_xh-{t}")
    assert coins == near([-0.013535, -0.031701, -0.053628])
    theatre.goto("accumulate", part=1)
    assert [numbers(theatre, f"tot-W_xh-{row}")[0] for row in range(3)] == near(coins)


def test_row_19_bars_add_up_to_the_total(stage: Callable[..., Theatre]) -> None:
    theatre = stage("movie was not good", **MOVIE)
    coins = []
    for t in (1, 2, 3, 4):
        theatre.goto("back", t, 2)
        coins.append([numbers(theatre, f"in-W_hh-{t}-{i}") for i in range(3)])
    for i in range(3):
        added = [sum(coin[i][j] for coin in coins) for j in range(3)]
        assert numbers(theatre, f"tot-W_hh-{i}") == pytest.approx(added, abs=2.5e-3)


def test_row_20_the_chain_grows_by_a_factor_each_step_back(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    eventually(theatre.page, "document.querySelectorAll('#ledger .later').length === 0")
    crossed = theatre.page.locator("#ledger tbody.step .crossed").all_text_contents()
    assert [text.strip() for text in crossed] == ["no Jacobian", "1 Jacobian", "2 Jacobians"]


def test_row_21_the_first_coin_of_w_hh_is_exactly_zero(stage: Callable[..., Theatre]) -> None:
    theatre = stage(**CATMATRAT)
    theatre.goto("back", 1, 2)
    assert [theatre.numbers(f"in-W_hh-1-{i}") for i in range(3)] == [["0", "0", "0"]] * 3
    norms = [value_of(str(theatre.part(f"slot-W_hh-{t}").locator(".n").text_content())) for t in (1, 2, 3)]
    assert norms == near([0.0, 0.117787, 0.118879])
    assert theatre.part("bars-W_hh-1").get_attribute("d") == ""
    assert "pays exactly 0" in theatre.said()
    started = stage("cat mat rat", **CATMATRAT, initial_state="0.1,-0.2,0.3")
    started.goto("back", 1, 2)
    assert value_of(str(started.part("slot-W_hh-1").locator(".n").text_content())) > 0
    assert "pays exactly 0" not in started.said()


def test_rows_28_29_30_four_steps_of_the_third_review(stage: Callable[..., Theatre]) -> None:
    theatre = stage("movie was not good", **MOVIE)
    assert numbers(theatre, "h-4") == near([0.685221, -0.459598, 0.531457])
    assert numbers(theatre, "dy") == near([3.613526])
    assert numbers(theatre, "dh-4") == near([0.433957, -0.289305, 0.361631])
    theatre.goto("again", part=2)
    assert "1.28468" in theatre.said() and "1.14022" in theatre.said()


@pytest.mark.parametrize("sentence", ["don't worry, naïve café", "मराठी भाषा", "👩‍🏫 teaches", "Hi my name"])
def test_row_36_any_sentence_runs(stage: Callable[..., Theatre], sentence: str) -> None:
    theatre = stage(sentence, corpus="custom", review=["a b|1"])
    words = theatre.page.locator(".strip .jump bdi").all_text_contents()
    assert len(words) == theatre.page.locator("#stage .column").count() == len(sentence.split())


def test_rows_52_54_the_network_folds_into_one_cell_with_a_loop(stage: Callable[..., Theatre]) -> None:
    theatre = stage("movie was good", target=1)
    folded, columns = theatre.page.locator(".folded"), theatre.page.locator("#stage .column")
    theatre.goto("unfold", part=1)
    expect(folded).to_be_visible()
    expect(columns.first).to_be_hidden()
    assert "3 × 3 = 9 arrows" in str(folded.text_content())
    assert "31 numbers" in theatre.said()
    theatre.goto("unfold", part=2)
    expect(folded).to_be_hidden()
    for k in range(3):
        expect(columns.nth(k)).to_be_visible()
    assert "still 31 parameters" in theatre.said()


def test_row_54_nine_arrows_carry_the_state_back_in(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    theatre.goto("forward", 2, 2)
    expect(theatre.page.locator("[id='edge-2'].lit")).to_have_count(1)
    assert str(theatre.page.locator("#fan").get_attribute("d")).count("M") == 9


def test_rows_53_56_the_state_before_a_step_is_its_input(stage: Callable[..., Theatre]) -> None:
    theatre = stage()
    assert theatre.numbers("h-0") == ["0", "0", "0"]
    for t in (1, 2, 3):
        theatre.goto("forward", t, 2)
        lit = theatre.page.locator(".theatre .vec.lit").evaluate_all("(all) => all.map((el) => el.id)")
        assert f"h-{t - 1}" in lit and f"hw-{t}" in lit


def test_row_55_the_first_state_is_zeros_random_or_typed(stage: Callable[..., Theatre]) -> None:
    assert numbers(stage(**CATMATRAT), "y") == near([0.604485])
    typed = stage("cat mat rat", **CATMATRAT, initial_state="0.1,-0.2,0.3")
    assert numbers(typed, "y") == near([0.607360])
    assert numbers(typed, "h-0") == near([0.1, -0.2, 0.3])
    drawn = stage("cat mat rat", **CATMATRAT, initial_state="random")
    assert len(set(drawn.numbers("h-0"))) == 3


def test_rows_57_61_the_counter_says_31_for_any_length(stage: Callable[..., Theatre]) -> None:
    for sentence in ("movie was good", "movie was not good", " ".join(["movie was not good bad"] * 4)):
        theatre = stage(sentence, target=1)
        assert "31 numbers" in theatre.said()
        eventually(theatre.page, "document.querySelectorAll('#panels .later').length === 0")
        expect(theatre.page.locator("#counter-h")).to_have_text("31 parameters")
        expect(theatre.page.locator(".countpanel tfoot").first).to_contain_text("15 + 9 + 3 + 3 + 1 = 31")


def test_row_59_a_bias_outside_lands_in_a_frame_of_its_own(stage: Callable[..., Theatre]) -> None:
    def parts(theatre: Theatre) -> list[int]:
        return [m.part for m in theatre.moments() if m.phase == "forward" and m.t == 1]

    assert parts(stage(**CATMATRAT)) == [1, 2, 3, 4]
    assert parts(stage("cat mat rat", **CATMATRAT, bias="none")) == [1, 2, 3, 4]
    outside = stage("cat mat rat", **CATMATRAT, bias="outside", loss="mse")
    assert parts(outside) == [1, 2, 3, 4, 5]
    outside.goto("forward", 1, 4)
    assert outside.ghost("h-1")
    outside.goto("forward", 1, 5)
    assert not outside.ghost("h-1") and "lands after f" in outside.said()
    mixed = stage("cat mat rat", **CATMATRAT, bias="mixed", loss="mse")
    late = [m for m in mixed.moments() if m.phase == "forward" and m.part == 5]
    assert late == [Moment("forward", 1, 5)], "outside at the first step, inside from the second"


def test_row_58_each_word_has_its_index_in_the_table(stage: Callable[..., Theatre]) -> None:
    theatre = stage("movie was not good", **MOVIE)
    eventually(theatre.page, "document.querySelectorAll('#panels .later').length === 0")
    rows = theatre.page.locator("#panels table").first.locator("tbody tr")
    assert rows.count() == 3
    assert [rows.nth(k).locator("sub").count() for k in range(3)] == [3, 3, 4]
