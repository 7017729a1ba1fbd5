"""The player: one clock, frames in the storyboard's order, and each frame the same whichever way one came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watch
from tests.browser.theatre import (
    Opener,
    Theatre,
    address,
    eventually,
    open_page,
    seldom,
    watch_of,
    watched,
    with_hand_clock,
)
from tests.conftest import LiveServer

PHASES = ["unfold", "forward", "output", "loss", "outback", "back", "accumulate", "update", "again"]

# Each way to a frame: from where one starts, and how one gets to every frame in turn.
WALK = """([way, order]) => {
  const { key, scrub, read, index, count } = window.stageState;
  const phases = [...document.querySelectorAll(".story > .frame")].map((el) => el.dataset);
  const theatre = document.querySelector(".theatre"), wrong = [], last = count() - 1;
  const settle = () => window.clock.pass(6000);
  const reach = {
    forward: (i) => { if (i === 0) key("Home"); else key("ArrowRight"); },
    backward: (i) => { if (i === last) key("End"); else key("ArrowLeft"); },
    scrub: (i) => scrub(i),
    jump: (i) => theatre.dispatchEvent(new CustomEvent("goto", { detail: {
      phase: phases[i].phase, t: Number(phases[i].t), part: Number(phases[i].part) } })),
  }[way];
  window.kept ??= [];
  for (const i of order) {
    reach(i);
    settle();
    if (index() !== i) { wrong.push([i, "index", index()]); continue; }
    const state = read();
    if (!window.kept[i]) window.kept[i] = state;
    for (const entry of window.stageState.difference(window.kept[i], state)) wrong.push([i, ...entry]);
  }
  return wrong.slice(0, 12);
}"""


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Theatre]:
    with watched(browser, live_server.url) as page:
        yield open_page(with_hand_clock(page), address("movie was not good", target=0))


@pytest.fixture
def theatre(opened: Theatre) -> Iterator[Theatre]:
    """One page for all that leaves its run alone, back at its first frame."""
    opened.page.evaluate("window.stageState.key('Home'); window.clock.pass(100)")
    opened.page.locator(".pace select").select_option("1")
    yield opened
    watch_of(opened.page).assert_clean()


@pytest.fixture
def fresh(page: Page) -> Theatre:
    """A page of its own, for a test that changes the run."""
    return open_page(with_hand_clock(page), address("movie was not good", target=0))


def walk(theatre: Theatre, way: str, order: list[int]) -> list[Any]:
    found: list[Any] = theatre.page.evaluate(WALK, [way, order])
    return found


def shuffled(count: int) -> list[int]:
    """Every index once, far from order: steps of about two fifths round the circle."""
    return sorted(range(count), key=lambda i: (i * 17) % count)


@pytest.mark.parametrize(
    ("sentence", "fields", "width"),
    [
        ("movie was bad", {"target": 0}, 1440),
        ("cat mat rat", {"corpus": "catmatrat", "bias": "outside", "loss": "mse"}, 390),
    ],
)
def test_a_frame_is_the_same_whichever_way_one_came(
    new_page: Opener, sentence: str, fields: dict[str, Any], width: int
) -> None:
    theatre = open_page(with_hand_clock(new_page(width=width)), address(sentence, **fields))
    count = len(theatre.moments())
    assert walk(theatre, "forward", list(range(count))) == []
    assert walk(theatre, "backward", list(reversed(range(count)))) == []
    assert walk(theatre, "scrub", shuffled(count)) == []
    assert walk(theatre, "jump", list(reversed(shuffled(count)))) == []


def test_the_snapshot_tells_one_frame_from_the_next(theatre: Theatre) -> None:
    """Guards the test above: were nothing drawn, every way would be alike."""
    alike = theatre.page.evaluate(
        """() => {
          const { scrub, read, count, difference } = window.stageState, states = [];
          for (let i = 0; i < count(); i++) { scrub(i); states.push(read()); }
          return states.slice(1).map((state, i) => difference(states[i], state).length);
        }"""
    )
    assert min(alike) >= 4, alike


def test_frames_follow_the_phases_and_the_gradient_runs_back_in_time(theatre: Theatre) -> None:
    moments = theatre.moments()
    assert list(dict.fromkeys(m.phase for m in moments)) == PHASES
    order = [PHASES.index(m.phase) for m in moments]
    assert order == sorted(order)
    assert [m.t for m in moments if m.phase == "forward" and m.part == 1] == [1, 2, 3, 4]
    assert [m.t for m in moments if m.phase == "back" and m.part == 1] == [4, 3, 2, 1]
    labels = theatre.page.locator(".phase").evaluate_all("(all) => all.map((el) => el.dataset.phase)")
    assert labels == PHASES


def test_a_step_forward_moves_and_then_rests(theatre: Theatre) -> None:
    page = theatre.page
    theatre.goto("unfold", part=2)
    page.evaluate("window.stageState.key('ArrowRight'); window.clock.pass(200)")
    assert page.locator(".flights > svg").count() == 1, "the word's row is on its way"
    assert page.locator("#xw-1.arriving").count() == 1
    page.evaluate("window.clock.pass(3000)")
    assert page.locator(".flights > svg").count() == 0
    assert page.locator(".arriving").count() == 0
    assert page.evaluate("window.clock.waiting()") == 0, "at rest nobody asks for another frame"


def test_what_flies_lands_where_it_is_then_shown(new_page: Opener) -> None:
    """In a long sentence the track moves with the step, and the flight with it."""
    theatre = open_page(
        with_hand_clock(new_page(width=1024)), address("movie was not good but the end was good", target=1)
    )
    missed = theatre.page.evaluate(
        """() => {
          const { key, index } = window.stageState, missed = [];
          const middle = (el) => {
            const box = el.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
          };
          const frames = [...document.querySelectorAll(".story > .frame")];
          for (let i = 0; i < frames.length - 1; i++) {
            window.clock.pass(6000);
            key("ArrowRight");
            const fly = (frames[i + 1].dataset.fly ?? "").split("|")[0].split(" ");
            if (frames[i + 1].dataset.phase !== "forward" || fly.length !== 1 || !fly[0]) continue;
            const [, , to] = fly[0].split(",");
            window.clock.pass(500);
            const flyer = document.querySelector(".flights > svg > *"); // as it is painted
            if (!flyer) { missed.push([frames[i + 1].dataset.t, "nothing flies"]); continue; }
            const [x, y] = middle(flyer), [u, v] = middle(document.getElementById(to));
            if (Math.hypot(x - u, y - v) > 12) missed.push([frames[i + 1].dataset.t, to, x - u, y - v]);
          }
          return missed;
        }"""
    )
    assert missed == []


@pytest.mark.parametrize(
    "network",
    [{"cell": "lstm"}, seldom({"cell": "gru", "bidirectional": "true", "task": "next_word"}), seldom({})],
)
def test_what_flies_keeps_its_numbers_in_their_boxes(new_page: Opener, network: dict[str, str]) -> None:
    asked = network if "task" in network else {"target": 1, **network}
    path = address("movie was not good", weights="drawn", **asked)
    theatre = open_page(with_hand_clock(new_page(width=1440)), path)
    seen, apart = theatre.page.evaluate(
        """() => {
          const middle = (el) => { const { x, width } = el.getBoundingClientRect(); return x + width / 2; };
          const apart = [];
          let seen = 0;
          for (let i = 0; i + 1 < window.stageState.count(); i++) {
            window.stageState.scrub(i);
            window.stageState.key("ArrowRight");
            window.clock.pass(200);
            for (const cell of document.querySelectorAll(".flights > svg .vec > .c")) {
              const [box, text] = [cell.querySelector("rect"), cell.querySelector("text")];
              if (!box || !text) continue;
              seen++;
              if (Math.abs(middle(box) - middle(text)) > 8) apart.push([i, text.textContent]);
            }
          }
          return [seen, apart];
        }"""
    )
    assert seen > 40
    assert apart == []


def test_play_runs_through_every_frame_and_stops_at_the_last(theatre: Theatre) -> None:
    page = theatre.page
    button = page.locator("[data-do=play]")
    expect(button).to_have_attribute("aria-label", "Play")
    button.click()
    expect(button).to_have_attribute("aria-label", "Pause")
    visited = page.evaluate(
        """() => {
          const { index, count } = window.stageState, seen = [index()];
          for (let k = 0; k < 4000 && window.clock.waiting(); k++) {
            window.clock.pass(50);
            if (index() !== seen.at(-1)) seen.push(index());
          }
          return [seen, count()];
        }"""
    )
    assert visited[0] == list(range(visited[1]))
    expect(button).to_have_attribute("aria-label", "Play")
    assert page.evaluate("window.clock.waiting()") == 0
    button.click()
    assert theatre.index() == 0, "from the last frame it plays again from the first"


def test_speed_divides_the_time_that_frames_take(theatre: Theatre) -> None:
    reached = theatre.page.evaluate(
        """() => ["0.5", "1", "4"].map((speed) => {
          const { key, index } = window.stageState, select = document.querySelector("[data-do=speed]");
          key("Home");
          select.value = speed;
          key(" ");
          window.clock.pass(16000);
          key(" ");
          return index();
        })"""
    )
    slow, usual, fast = reached
    assert slow >= 2 and 1.6 * slow <= usual <= 2.6 * slow and 3 * usual <= fast <= 5 * usual, reached


def test_pause_keeps_the_frame(theatre: Theatre) -> None:
    page = theatre.page
    page.evaluate("window.stageState.key(' '); window.clock.pass(9000); window.stageState.key(' ')")
    page.evaluate("window.clock.pass(3000)")
    stood = theatre.index()
    assert 0 < stood < len(theatre.moments()) - 1
    page.evaluate("window.clock.pass(9000)")
    assert theatre.index() == stood and page.evaluate("window.clock.waiting()") == 0


@pytest.mark.parametrize("how", ["an arrow", "the scrubber", "a phase", "Home"])
def test_moving_by_hand_stops_playing(theatre: Theatre, how: str) -> None:
    page = theatre.page
    page.evaluate("window.stageState.key(' '); window.clock.pass(5000)")
    assert page.locator(".theatre.playing").count() == 1
    if how == "an arrow":
        page.evaluate("window.stageState.key('ArrowLeft')")
    elif how == "the scrubber":
        theatre.scrub(20)
    elif how == "a phase":
        page.locator(".phase[data-phase=back]").click()
        assert theatre.moment().phase == "back" and theatre.moment().t == 4
    else:
        page.evaluate("window.stageState.key('Home')")
    assert page.locator(".theatre.playing").count() == 0
    page.evaluate("window.clock.pass(20000)")
    assert page.evaluate("window.clock.waiting()") == 0


def test_the_clock_stops_when_its_theatre_is_taken_away(fresh: Theatre, watch: Watch) -> None:
    page = fresh.page
    page.evaluate("window.old = document.querySelector('.theatre'); window.stageState.key(' ')")
    page.evaluate("window.clock.pass(700)")
    watch.violations.clear()
    page.fill("#sentence", "movie was bad")
    eventually(page, "!window.old.isConnected")
    stood = page.evaluate("window.old.outerHTML.length")
    page.evaluate("window.clock.pass(5000)")
    assert page.evaluate("window.clock.waiting()") == 0
    assert page.evaluate("window.old.outerHTML.length") == stood
    expect(page.locator("[data-do=play]")).to_have_attribute("aria-label", "Play")
    watch.violations.clear()


def test_a_run_changed_in_mid_flight_breaks_no_policy(fresh: Theatre, watch: Watch) -> None:
    page = fresh.page
    page.evaluate("window.old = document.querySelector('.theatre'); window.stageState.key(' ')")
    page.evaluate("window.clock.pass(4300)")
    page.fill("#sentence", "movie was bad")
    eventually(page, "!window.old.isConnected")
    expect(page.locator(".story > .frame.on")).to_have_count(1)
    assert watch.violations == []


def test_stepping_back_leaves_nothing_in_flight(theatre: Theatre) -> None:
    left = theatre.page.evaluate(
        """() => {
          const { key, index } = window.stageState, left = [], layer = document.querySelector(".flights");
          key("End");
          while (index() > 0) {
            key("ArrowLeft");
            window.clock.pass(6000);
            if (layer.children.length) left.push([index(), layer.children.length]);
          }
          return left;
        }"""
    )
    assert left == []


def test_a_changed_run_keeps_its_place_in_the_story(fresh: Theatre) -> None:
    fresh.goto("back", t=2, part=2)
    fresh.page.locator("#f-activation").select_option("sigmoid")
    expect(fresh.page).to_have_url(re.compile("activation=sigmoid"))
    expect(fresh.page.locator(".story > .frame.on")).to_have_count(1)
    moment = fresh.moment()
    assert (moment.phase, moment.t, moment.part) == ("back", 2, 2)


def test_frames_are_told_to_the_rest_of_the_page_and_to_a_screen_reader(theatre: Theatre) -> None:
    page = theatre.page
    page.evaluate("document.addEventListener('frame', (event) => (window.heard = event.detail))")
    theatre.goto("forward", t=3, part=1)
    assert page.evaluate("window.heard") == {"phase": "forward", "t": 3, "part": 1, "at": ["col-3"]}
    expect(page.locator(".announce")).to_contain_text("The word picks its row.")
    expect(page.locator(".scrub")).to_have_attribute("aria-valuetext", "11 of 43: 3Forward part 1 of 4")


def test_reduced_motion_changes_frames_without_moving_anything(new_page: Opener) -> None:
    theatre = open_page(
        with_hand_clock(new_page(reduced_motion="reduce")), address("movie was not good", target=0)
    )
    page = theatre.page
    moved = page.evaluate(
        """() => {
          const { key, index, count } = window.stageState, moved = [];
          const layer = document.querySelector(".flights");
          const look = () => {
            const styled = [...document.querySelectorAll(".theatre [style]")];
            const moves = (el) => /transform|opacity|clip/.test(el.getAttribute("style"));
            const moving = styled.filter(moves).length;
            if (moving || layer.children.length) moved.push([index(), moving, layer.children.length]);
            const lasts = (a) => a.effect.getComputedTiming().duration > 0;
            const running = document.getAnimations().filter(lasts);
            if (running.length) moved.push([index(), "animations", running.length]);
          };
          for (let i = 1; i < count(); i++) {
            key("ArrowRight");
            for (let k = 0; k < 4; k++) { window.clock.pass(50); look(); }
            if (index() !== i) moved.push([i, "index", index()]);
          }
          key("ArrowLeft");
          look();
          return [moved, index(), count()];
        }"""
    )
    assert moved[0] == []
    assert moved[1] == moved[2] - 2


def test_bars_that_come_late_show_the_frame_in_hand(new_page: Opener) -> None:
    """However far one has stepped when they come: as if they had been there all the time."""
    where = address("movie was not good", cell="gru", target=0) + "&at=back.4.1"
    steps = "for (let k = 3; k--; ) { window.stageState.key('ArrowRight'); window.clock.pass(6000); }"
    page, waiting = with_hand_clock(new_page()), []
    page.route("**/adds?*", lambda route: waiting.append(route))
    page.goto(where)
    expect(page.locator(".story > .frame.on")).to_have_count(1)
    page.evaluate(steps)
    assert page.locator("[id^='bars-W_']").count() == 0 and len(waiting) == 1
    waiting[0].continue_()
    expect(page.locator("#adds[hx-get]")).to_have_count(0)
    late = open_page(with_hand_clock(new_page()), where).page
    late.evaluate(steps)
    one, other = (each.evaluate("window.stageState.read()") for each in (page, late))
    assert page.locator(".adds .bar:not(.ghost)").count() and page.locator(".adds .bar.ghost").count()
    assert page.evaluate("([one, other]) => window.stageState.difference(one, other)", [one, other]) == []
    for chosen in (".adds input:checked", ".adds .lit"):
        ids = [each.locator(chosen).evaluate_all("(all) => all.map(({ id }) => id)") for each in (page, late)]
        assert ids[0] == ids[1] != []
