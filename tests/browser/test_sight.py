"""Where things stand while the story is told: the stage keeps its place, what is told about is in sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.theatre import Moment, Opener, Theatre, eventually, open_page, seldom

FOUR = "/?sentence=movie+was+not+good"
LONG = "/?sentence=" + "+".join("movie was not good but bad".split() * 5)
HIDE = "&hide=ledger,labs,charts,panels,highway,credit"
KEPT = "document.querySelector('.story').style.minHeight"
GAUGED = f"{KEPT} !== ''"
MOST = 336  # px that a story keeps for what it says
# Where the stage stands at every frame from the first word on, each drawn at rest, and how much more room
# than is kept the frame takes.
PLACES = """() => {
  const theatre = document.querySelector(".theatre"), story = theatre.querySelector(".story");
  const frames = [...story.children];
  const told = frames.flatMap(({ dataset }, i) => (dataset.phase === "unfold" ? [] : [i]));
  const tenth = Math.ceil(told.length / 90), top = (el) => el.getBoundingClientRect().top;
  return told.filter((i) => i % tenth === 0 || i === told.at(-1)).map((i) => {
    theatre.dispatchEvent(new CustomEvent("moment", { detail: { i, u: 1, playing: true } }));
    const above = top(theatre.querySelector(".scene")) - top(theatre);
    return [above, story.offsetHeight - parseFloat(story.style.minHeight)];
  });
}"""
# The parts of the stage that a frame lights, and which of them the story or the transport hide.
HIDDEN = """(place) => {
  const story = document.querySelector(".story"), { lit } = story.querySelector(".on").dataset;
  const top = story.getBoundingClientRect().bottom;
  const bottom = document.querySelector(".transport").getBoundingClientRect().top;
  return lit.split(" ").filter((id) => {
    const part = document.querySelector(`.theatre ${place} [id="${id}"]`);
    const box = part?.getBoundingClientRect();
    return box?.height && (box.top < top - 1 || box.bottom > bottom + 1);
  });
}"""
CHANGED = """(field) => {
  field.value = 4;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}"""
COUNT = """(place) => document.querySelector(".story > .on").dataset.lit.split(" ")
  .filter((id) => document.querySelector(`.theatre ${place} [id="${id}"]`)).length"""


def told(page: Page, path: str) -> Theatre:
    """An open page whose story has found how much room it takes."""
    theatre = open_page(page, path)
    eventually(page, GAUGED)
    return theatre


def places(page: Page) -> list[float]:
    """Where the stage stands in the frames that the room of the story holds."""
    told: list[tuple[float, float]] = page.evaluate(PLACES)
    assert len(told) > 30
    return [place for place, beyond in told if beyond < 1]


@pytest.mark.parametrize(
    ("path", "width"),
    [
        (FOUR, 390),
        (f"{FOUR}&cell=gru&bidirectional=true", 1440),
        (f"{LONG}&hidden_size=16", 1024),
        seldom(f"{FOUR}&cell=lstm", 1440),
        seldom(f"{FOUR}&task=next_word", 390),
        seldom(f"{LONG}&hidden_size=16&cell=lstm&bidirectional=true", 1024),
    ],
)
def test_the_stage_stands_still_from_the_first_word_to_the_last_frame(
    new_page: Opener, path: str, width: int
) -> None:
    page = new_page(width=width)
    told(page, path + HIDE)
    assert all(beyond < 1 for _, beyond in page.evaluate(PLACES))
    assert max(places(page)) - min(places(page)) < 1, sorted(set(places(page)))


def test_on_a_phone_two_lanes_keep_no_more_than_it_can_spare(new_page: Opener) -> None:
    """Only the frames that say more than that move the stage, and those are the fewer."""
    page = new_page(width=390, height=844)
    told(page, f"{FOUR}&bidirectional=true{HIDE}")
    assert page.evaluate(KEPT) == f"{MOST}px"
    stood = places(page)
    assert len(stood) > 25
    assert max(stood) - min(stood) < 1, sorted(set(stood))


def test_a_changed_run_and_a_window_of_another_width_are_measured_anew(new_page: Opener) -> None:
    page = new_page()
    told(page, LONG + HIDE)
    page.locator("#f-cell").select_option("lstm")
    page.locator("#cells").wait_for(state="attached")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        stood = places(page)
        assert max(stood) - min(stood) < 1, sorted(set(stood))


def test_the_folded_network_leaves_no_room_behind(new_page: Opener) -> None:
    """Its caption is longer than any other, and was kept room for once it had been gone back to."""
    page = new_page(reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&cell=lstm{HIDE}")
    theatre.goto("forward", 2)
    kept = page.evaluate(KEPT)
    theatre.goto("unfold")
    page.wait_for_timeout(200)
    theatre.goto("forward", 2)
    assert page.evaluate(KEPT) == kept
    assert page.evaluate("document.querySelector('.story').offsetHeight") < 200


def test_a_window_of_another_height_alone_moves_nothing(new_page: Opener) -> None:
    """As the bars of a phone's browser come and go, and where the whole page is taken as a picture."""
    page = new_page()
    told(page, FOUR + HIDE)
    kept = page.evaluate(KEPT)
    for height in (500, 260, 3000):
        page.set_viewport_size({"width": 1440, "height": height})
        stays = "stays" if height > 300 else "story"
        eventually(page, f"[...document.querySelector('.story').classList].at(-1) === '{stays}'")
        assert page.evaluate(KEPT) == kept


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 800)])
def test_what_is_lit_in_an_opened_cell_is_in_sight(new_page: Opener, width: int, height: int) -> None:
    page = new_page(width=width, height=height, reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&cell=lstm")
    for t, part in ((1, 1), (2, 3), (3, 5)):
        theatre.goto("forward", t, part)
        assert page.evaluate(COUNT, ".cells") > 2
        eventually(page, f"({HIDDEN})('.cells').length === 0")
    theatre.goto("back", 3, 4)
    assert page.evaluate(COUNT, ".tray") > 2
    eventually(page, f"({HIDDEN})('.tray').length === 0")


def test_the_weights_of_a_frame_are_in_sight_and_so_is_what_is_said(new_page: Opener) -> None:
    page = new_page(width=1280, height=800, reduced_motion="reduce")
    theatre = told(page, FOUR)
    theatre.goto("forward", 3)
    eventually(page, f"({HIDDEN})('.tray').length === 0")
    assert page.evaluate("scrollY") > 0
    assert page.locator(".story > .on .caption").evaluate("(el) => el.getBoundingClientRect().top") >= 0


def test_what_is_pressed_is_not_drawn_away_from_under_the_pointer(new_page: Opener) -> None:
    """A frame brings the page to what it is about a moment later; by then the student may press something."""
    page = new_page(width=1280, height=800, reduced_motion="reduce")
    theatre = told(page, FOUR)
    label = page.locator(".adds label[for=adds-W_xh]")
    label.scroll_into_view_if_needed()
    box = label.bounding_box()
    assert box
    theatre.goto("forward", 3)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    before = page.evaluate("scrollY")
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == before
    page.mouse.up()
    assert page.locator("#adds-W_xh").is_checked()
    theatre.goto("forward", 4)
    eventually(page, f"scrollY > {before}")


def test_a_window_too_low_for_both_keeps_what_is_said(new_page: Opener) -> None:
    """A picture without its sentence explains nothing."""
    page = new_page(width=800, height=500, reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&embed=1")
    assert page.locator(".story.stays").count() == 0
    for k in range(0, len(theatre.moments()), 3):
        theatre.scrub(k)
        page.wait_for_timeout(200)
        box = page.locator(".story > .on .cap").bounding_box()
        assert box and box["y"] >= 0, k


def test_whoever_has_scrolled_by_hand_keeps_the_page_until_it_is_played(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&cell=lstm")
    page.mouse.move(400, 500)
    page.mouse.wheel(0, 40)
    eventually(page, "scrollY === 40")
    theatre.goto("forward", 2, 3)
    page.wait_for_timeout(400)
    assert page.evaluate("scrollY") == 40
    page.locator("[data-do=play]").click()
    eventually(page, "scrollY > 100")


SCROLLED = """() => {
  const { scrollTo } = window;
  window.scrolled = [];
  window.scrollTo = (to) => { window.scrolled.push(to.behavior); scrollTo.call(window, to); };
}"""  # the browser itself holds what is seen in its place where less is told above it
FIRST_WORD = "document.querySelector('.story > .on').dataset.phase === 'forward'"
HANDS: dict[str, Callable[[Page], None]] = {
    "the wheel": lambda page: page.mouse.wheel(0, 20),
    "a key that scrolls": lambda page: page.keyboard.press("PageUp"),
    "a click on a number": lambda page: page.locator(".track .c").first.click(),
    "the focus somewhere else": lambda page: page.locator("#sentence").focus(),
}
OFTEN = ("the wheel", "the focus somewhere else")


@pytest.mark.parametrize("hand", [*OFTEN, None, *(seldom(hand) for hand in HANDS if hand not in OFTEN)])
def test_who_scrolls_or_turns_elsewhere_while_it_plays_is_left_there(
    new_page: Opener, hand: str | None
) -> None:
    page = new_page(reduced_motion="no-preference")
    told(page, f"{FOUR}&cell=lstm")
    page.mouse.move(400, 500)
    before = page.evaluate("scrollY")
    page.locator("[data-do=play]").click()
    if not hand:
        eventually(page, FIRST_WORD)
        return eventually(page, f"scrollY !== {before}")
    HANDS[hand](page)
    page.wait_for_timeout(900)  # a key scrolls smoothly
    page.evaluate(SCROLLED)
    eventually(page, FIRST_WORD)
    page.wait_for_timeout(1000)
    assert page.locator(".theatre.playing").count() == 1
    assert page.evaluate("window.scrolled") == []


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "instant"), ("no-preference", "smooth")])
def test_who_asks_for_less_motion_is_not_glided(new_page: Opener, motion: str, behavior: str) -> None:
    page = new_page(reduced_motion=motion)
    theatre = told(page, f"{FOUR}&cell=lstm")
    page.evaluate(SCROLLED)
    theatre.goto("forward", 1, 1)
    eventually(page, "window.scrolled.length > 0")
    assert page.evaluate("window.scrolled") == [behavior]


def test_a_new_run_does_not_move_the_page(new_page: Opener) -> None:
    """It comes at the frame in hand, whose opened cell stands below the window, to whoever is at the form."""
    page = new_page(reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&cell=lstm&at=forward.2.3")
    assert page.evaluate("document.getElementById('cells').getBoundingClientRect().bottom > innerHeight")
    page.locator("#f-hidden_size").evaluate(CHANGED)
    eventually(page, "document.querySelector('.theatre').dataset.units === '4'")
    page.wait_for_timeout(500)
    assert theatre.moment() == Moment("forward", 2, 3)
    assert page.evaluate("scrollY") == 0


MOVED = """async () => {
  const theatre = document.querySelector(".theatre");
  const frames = [...document.querySelectorAll(".story > .frame")];
  const wait = () => new Promise((done) => setTimeout(done, 180));
  let moved = 0, before = null;
  for (const [i, { dataset }] of frames.entries()) {
    if (dataset.phase !== "back") continue;
    theatre.dispatchEvent(new CustomEvent("moment", { detail: { i, u: 1, playing: true } }));
    await wait();
    if (before !== null && scrollY !== before) moved++;
    before = scrollY;
  }
  return moved;
}"""


@pytest.mark.parametrize(
    ("asked", "width"), [("lstm", 1440), ("lstm&bidirectional=true", 390), seldom("gru", 1440)]
)
def test_on_the_way_back_the_page_finds_its_place_and_keeps_it(
    new_page: Opener, asked: str, width: int
) -> None:
    """Cell and coins in one window, not in turns: the page went down to the cards and up again each step."""
    page = new_page(width=width, height=900, reduced_motion="reduce")
    told(page, f"{FOUR}&cell={asked}{HIDE}")
    assert page.evaluate(MOVED) <= 3


def test_of_two_lanes_the_cell_that_is_asked_for_is_open(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&cell=gru&bidirectional=true{HIDE}")
    theatre.goto("forward", 2, 1)
    shown = page.locator(".cells > .cell:visible")
    assert shown.count() == 1 and "under" not in (shown.get_attribute("class") or "").split()
    page.get_by_text("← right to left").click()
    assert shown.count() == 1 and "under" in (shown.get_attribute("class") or "").split()
    page.locator("#f-hidden_size").evaluate(CHANGED)
    eventually(page, "document.querySelector('.theatre').dataset.units === '4'")
    eventually(page, "document.getElementById('lane-under').checked")


def test_what_is_picked_is_explained_in_sight(new_page: Opener) -> None:
    """Below the bars and the credit of each loss the inspector has no room left in a window."""
    page = new_page(reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&task=next_word{HIDE.replace(',credit', '')}")
    page.locator("#credit table").first.wait_for()
    theatre.goto("forward", 2, 4)
    page.locator("[id='h-2'] .c").first.click()
    eventually(page, "document.getElementById('inspector').getBoundingClientRect().top < innerHeight - 200")


def test_formulas_of_two_lanes_stand_in_the_row_of_their_caption(new_page: Opener) -> None:
    page = new_page(reduced_motion="reduce")
    theatre = told(page, f"{FOUR}&bidirectional=true{HIDE}")
    theatre.goto("back", 2, 2)
    ends = "(el) => [...el.querySelectorAll('.eq')].map((eq) => eq.getBoundingClientRect().right)"
    formula = page.locator(".frame.on .formula")
    room = formula.bounding_box()
    assert room and max(formula.evaluate(ends)) > room["x"] + room["width"] - 8
