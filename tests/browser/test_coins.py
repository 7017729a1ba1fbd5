"""The coins that the page makes: the engine's numbers in every network, there while a frame shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from app.experiments.experiment import Experiment
from app.experiments.query import permalink
from app.experiments.run import Run, run
from app.stage.numbers import shorts
from app.stage.shape import shape_of
from app.stage.weights import weights_in
from tests.browser.theatre import Moment, Opener, Theatre, eventually, open_page, seldom, watch_of, watched
from tests.conftest import LiveServer

TWELVE = "the movie was not good but the end of it was great"
NETWORKS = {
    "elman": Experiment(sentence="movie was not good", hidden_size=3),
    "elman, eight units": Experiment(sentence=TWELVE, hidden_size=8),
    "elman, both ways, bias mixed": Experiment(
        sentence="movie was not good", bidirectional=True, bias="mixed", loss="mse"
    ),
    "lstm": Experiment(sentence="movie was not good", cell="lstm", hidden_size=5),
    "gru, closed": Experiment(sentence=f"{TWELVE} {TWELVE} {TWELVE}", cell="gru", hidden_size=2),
    "gru, both ways": Experiment(sentence="movie was good", cell="gru", bidirectional=True),
    "next word": Experiment(sentence="movie was not good", task="next_word", bidirectional=True),
}
LONG = ("gru, closed", "elman, eight units")
LAID = """() => {
  const texts = (vec) => [...vec.querySelectorAll(".c > text")].map((text) => text.textContent);
  const parts = (coin) => [...coin.querySelectorAll(".vec[id]")].map((vec) => [vec.id, texts(vec)]);
  const coins = [...document.querySelectorAll(".coin[id]")];
  return coins.map((coin) => [coin.id, coin.classList.contains("on"), parts(coin)]);
}"""


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Theatre]:
    with watched(browser, live_server.url) as page:
        yield Theatre(page)
        watch_of(page).assert_clean()


def expected(found: Run, coin: str) -> dict[str, list[str]]:
    """The parts of a coin and their numbers, from the engine."""
    _, key, step = coin.split("-")
    t, weight = int(step), weights_in(found)[key]
    outer = weight.gradient(found)
    blame = outer.right[t - 1, 0]
    if weight.flat or weight.role == "words":
        return {f"in-{key}-{t}": shorts(blame)}
    seen = np.asarray(outer.left)[t - 1, 0]
    parts = {f"top-{key}-{t}": shorts(blame), f"left-{key}-{t}": shorts(seen)}
    small = found.experiment.hidden_size <= 4
    return parts | {f"in-{key}-{t}-{i}": shorts(row) for i, row in enumerate(np.outer(seen, blame)) if small}


@pytest.mark.parametrize("name", [seldom(name) if name in LONG else name for name in NETWORKS])
def test_every_frame_lays_the_engines_coins_on_the_cards(opened: Theatre, name: str) -> None:
    found = run(NETWORKS[name])
    theatre = open_page(opened.page, permalink(NETWORKS[name]))
    paid = set()
    for k, moment in enumerate(theatre.moments()):
        if moment.phase not in ("outback", "back", "accumulate"):
            continue
        theatre.scrub(k)
        wanted = str(theatre.page.locator(".story > .frame.on").get_attribute("data-on") or "").split()
        coins = [part for part in wanted if part.startswith("coin-")]
        laid = {coin: (on, dict(parts)) for coin, on, parts in theatre.page.evaluate(LAID)}
        assert laid == {coin: (True, expected(found, coin)) for coin in coins}, moment
        paid |= laid.keys()
    shape = shape_of(found)
    assert paid == {f"coin-{key}-{t}" for key in shape.shared for t in range(1, shape.steps + 1)}


def test_a_strip_has_a_coin_without_numbers(new_page: Opener) -> None:
    theatre = open_page(new_page(), permalink(Experiment(sentence="movie was good", hidden_size=9)))
    theatre.goto("back", 2, 2)
    frame = theatre.page.locator("#coin-W_hh-2.on > .coinframe")
    expect(frame).to_be_visible()
    card, coin = (theatre.page.locator(part).bounding_box() for part in ("#W_hh-all", "#coin-W_hh-2"))
    assert card and coin and coin["x"] == pytest.approx(card["x"] - 4, abs=1.5)
    assert coin["width"] == pytest.approx(card["width"] + 8, abs=3)
    assert theatre.page.locator(".coin[id] text").count() == 0


@pytest.mark.parametrize(("cell", "part", "before"), [("elman", 2, 0.45), ("lstm", 3, 0.7)])
def test_a_coin_is_struck_when_its_factors_have_landed(
    new_page: Opener, cell: str, part: int, before: float
) -> None:
    """The factors fly before, in the last group of flights the coin goes to its rack."""
    theatre = open_page(new_page(), permalink(Experiment(sentence="movie was not good", cell=cell)))
    frame, coins = theatre.find("back", 2, part), theatre.page.locator(".coin[id]")
    theatre.scrub(frame)
    for progress, opacity in ((0.1, "0"), (before, "0"), (before + 0.1, "1"), (0.2, "0"), (1, "1")):
        theatre.scrub(frame - 1 + progress)
        seen = coins.evaluate_all("(all) => all.map((coin) => getComputedStyle(coin).opacity)")
        assert seen == [opacity] * 3, progress
    theatre.goto("accumulate")
    assert theatre.page.locator(".coin.arriving").count() == 0


def test_a_row_is_paid_where_its_word_stands(new_page: Opener) -> None:
    theatre = open_page(new_page(), permalink(Experiment(sentence="movie was not good")))
    for t, word in enumerate(("movie", "was", "not", "good"), 1):
        theatre.goto("back", t, 2)
        label = theatre.page.locator("#W_xh .wlabel", has_text=re.compile(f"^{word}$")).bounding_box()
        paid = theatre.page.locator(f"#in-W_xh-{t}").bounding_box()
        assert label and paid
        assert paid["y"] + paid["height"] / 2 == pytest.approx(label["y"] + label["height"] / 2, abs=3)


def test_a_coins_number_is_reached_by_keyboard_and_opens(new_page: Opener) -> None:
    theatre = open_page(new_page(), permalink(Experiment(sentence="movie was not good")))
    page = theatre.page
    eventually(page, "document.querySelectorAll('#inspector .later').length === 0")
    theatre.goto("back", 3, 2)
    page.locator("#W_hh .slot").first.focus()
    for _ in range(12):
        if page.evaluate("document.activeElement.closest('.coin')?.id") == "coin-W_hh-3":
            break
        page.keyboard.press("ArrowLeft")
    name = page.evaluate(
        "[document.activeElement.closest('[id]').id, document.activeElement.getAttribute('role')]"
    )
    assert name[0].startswith("in-W_hh-3-") and name[1] == "button"
    page.keyboard.press("Enter")
    expect(page.locator("#inspector h2")).to_contain_text("Step 3")
    page.locator("#in-W_xh-3 .c").nth(1).click()
    expect(page.locator("#inspecting [name=part]")).to_have_value("in-W_xh-3.1")


def test_a_picked_number_of_a_coin_is_marked_when_its_frame_comes_back(new_page: Opener) -> None:
    theatre = open_page(new_page(), permalink(Experiment(sentence="movie was not good")))
    page = theatre.page
    eventually(page, "document.querySelectorAll('#inspector .later').length === 0")
    theatre.goto("back", 3, 2)
    page.locator("#in-W_xh-3 .c").nth(1).click()
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "in-W_xh-3.1")
    theatre.goto("back", 2, 2)
    expect(page.locator(".picked")).to_have_count(0)
    theatre.goto("back", 3, 2)
    expect(page.locator(".picked")).to_have_count(1)
    expect(page.locator("#in-W_xh-3 .c").nth(1)).to_have_class(re.compile("picked"))
    theatre.goto("back", 2, 2)
    page.locator("#h-1 .c").nth(1).click()
    expect(page.locator("#inspector")).to_have_attribute("data-part-shown", "h-1.1")
    theatre.goto("back", 3, 2)
    expect(page.locator(".picked")).to_have_count(1)


def test_flights_land_on_the_coin_that_was_made_for_them(new_page: Opener) -> None:
    theatre = open_page(new_page(), permalink(Experiment(sentence="movie was not good")))
    theatre.goto("back", 3, 1)
    theatre.page.keyboard.press("ArrowRight")
    eventually(theatre.page, "document.querySelectorAll('.flights > svg').length >= 6")
    assert theatre.moment() == Moment("back", 3, 2)


def test_a_coin_names_its_factors_with_their_steps(new_page: Opener) -> None:
    asked = Experiment(sentence="movie was not good", cell="gru", bidirectional=True)
    theatre = open_page(new_page(), permalink(asked))
    theatre.goto("back", 3, 2)
    named = "(all) => all.map((text) => text.textContent)"
    assert theatre.page.eval_on_selector_all("#coin-W_hn-3 > .said", named) == ["h2⊤", "r⊙δ3"]
    assert theatre.page.eval_on_selector_all("#coin-W_hn_r-2 > .said", named) == ["h3⊤", "r⊙δ2"]
