"""Each network by keyboard and by mouse through every phase: whatever number is seen is the API's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from app.experiments.experiment import Experiment
from app.experiments.query import permalink, to_query
from tests.browser.answers import GATES, SUFFIX, asked, chains, parts
from tests.browser.theatre import Moment, open_page, value_of, watch_of, watched
from tests.conftest import LiveServer

PHASES = "unfold forward output loss outback back accumulate update again".split()
Case = tuple[str, bool, str]
NETWORKS: list[Case] = list(
    itertools.product(("elman", "lstm", "gru"), (False, True), ("sentiment", "next_word"))
)
SIMPLE = [network for network in NETWORKS if network[1:] == (False, "sentiment")]
# every cell, and of each direction and task a half
EVERY_SECOND = [*NETWORKS[0:4:3], *NETWORKS[5:7], *NETWORKS[8::3]]

READ = """(() => {
  const visible = { opacityProperty: true, visibilityProperty: true };
  let names = [], last = new Map(), found = new Map();
  const texts = (name) => {
    let all = found.get(name);
    if (!all?.[0].isConnected) {
      const part = document.getElementById(name);
      all = part ? [...part.querySelectorAll(name.startsWith("slot-") ? ".n" : ".c > text")] : [];
      if (all.length) found.set(name, all);
    }
    return all;
  };
  window.reading = {
    of(wanted) { [names, last, found] = [wanted, new Map(), new Map()]; },
    anew() { last.clear(); },
    /** The frame in hand, and the parts that can be read now and could not before, with what they say. */
    fresh() {
      const { phase, t, part } = document.querySelector(".story > .frame.on").dataset, read = [];
      for (const name of names) {
        const all = texts(name), seen = all.length > 0 && all[0].checkVisibility(visible);
        const said = seen ? all.map((el) => el.textContent).join(" ") : "";
        if (said && last.get(name) !== said) read.push([name, said]);
        last.set(name, said);
      }
      return [phase, Number(t), Number(part), read];
    },
  };
})()"""


class Walk:
    """A student on the page of one network, who reads every number that comes into sight."""

    def __init__(self, page: Page, url: str, cell: str, both: bool, task: str) -> None:
        experiment = Experiment(
            sentence="movie was not good", target=0, cell=cell, bidirectional=both, task=task,
            initial_state="random", learning_rate=0.7, seed=5,
        )  # fmt: skip
        self.run, again = asked(url, to_query(experiment))
        self.expected = parts(self.run, again)
        self.theatre = open_page(page, permalink(experiment))
        self.page, self.moments = page, self.theatre.moments()
        page.evaluate("(names) => window.reading.of(names)", list(self.expected))

    def look(self) -> tuple[Moment, set[str]]:
        """Compare what can be read now and could not be read before: the frame in hand, and what it was."""
        phase, t, part, fresh = self.page.evaluate("window.reading.fresh()")
        for name, said in fresh:
            shown = [value_of(text) for text in said.split()]
            assert shown == pytest.approx(self.expected[name], abs=6e-4, rel=6e-3), (phase, t, part, name)
        return Moment(phase, t, part), {name for name, _ in fresh}

    def gates(self) -> list[str]:
        """The gates whose cards stand one behind the other."""
        return [str(radio.get_attribute("data-gate")) for radio in self.page.locator(".gates > input").all()]

    def look_at_gate(self, gate: str) -> set[str]:
        self.page.locator(f".gates > label[for=gate-{gate}]").click()
        self.page.evaluate("document.activeElement.blur()")  # or it would take the arrow keys
        return self.look()[1]

    def look_at_the_lower_lane(self) -> set[str]:
        """Of two lanes one cell is open at a time; the other is a tab away."""
        if not self.page.locator("label[for=lane-under]").is_visible():
            return set()
        read: set[str] = set()
        for lane in ("under", "above"):
            self.page.evaluate("(lane) => document.getElementById(`lane-${lane}`).click()", lane)
            read |= self.look()[1]
        return read

    def look_at(self, phase: str) -> None:
        """Compare all that can be read, and that what belongs to the beginning of a phase can be."""
        self.page.evaluate("window.reading.anew()")
        moment, read = self.look()
        assert moment.phase == phase
        missing = known(self.run, phase) - read
        assert not missing, (moment, sorted(missing))
        if phase == "loss":
            said = str(self.theatre.part("L").text_content()).removeprefix("L = ")
            assert value_of(said) == pytest.approx(self.run["loss"], rel=6e-3)


def known(run: dict[str, Any], phase: str) -> set[str]:
    """Parts whose numbers must be there in the first frame of a phase."""
    steps, suffixes = range(1, len(run["words"]) + 1), [SUFFIX[chain] for chain in chains(run)]
    cell, every = run["experiment"]["cell"], "losses" in run
    inside, blamed = {"elman": ("a", "da"), "lstm": ("c", "dc"), "gru": ("h", "dh")}[cell]
    letter = GATES[cell][:1] or "h"

    def states(*kinds: str) -> set[str]:
        return {f"{kind}{suffix}-{t}" for kind in kinds for suffix in suffixes for t in steps}

    def ends(*kinds: str) -> set[str]:
        return {f"{kind}-{t}" for kind in kinds for t in steps} if every else set(kinds)

    def cards(before: str) -> set[str]:
        return {f"{before}W_x{letter}{suffix}-0" for suffix in suffixes}

    last = {"": steps[-1], "_r": 1}
    return {
        "unfold": cards(""),
        "forward": {{"elman": "W_xh-0", "lstm": "gate_f-1", "gru": "gate_r-1"}[cell]},
        "output": states("h", inside),
        "loss": states("h") | ends("z", "y"),
        "outback": {f"dz-{steps[-1]}"} if every else ends("dz", "dy"),
        "back": {f"dh{suffix}-{last[suffix]}" for suffix in suffixes},
        "accumulate": states("dh", blamed) | ends("dz") | cards("tot-"),
        "update": cards("step-"),
        "again": states("h", "h2") | ends("y2") | cards("new-"),
    }[phase]


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url, reduced_motion="reduce") as page:
        page.add_init_script(READ)
        yield page


@pytest.fixture(scope="module")
def walk(opened: Page, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Walk]:
    """One page for all tests of a network."""
    yield Walk(opened, live_server.url, *request.param)
    watch_of(opened).assert_clean()


def of(networks: list[Case], quick: list[Case]) -> pytest.MarkDecorator:
    """A test for each of the networks; those that are not quick are run by `make soak`."""
    cases = []
    for case in networks:
        cell, both, task = case
        name = f"{cell}-{'both ways' if both else 'one way'}-{task}"
        cases.append(pytest.param(case, id=name, marks=[] if case in quick else [pytest.mark.slow]))
    return pytest.mark.parametrize("walk", cases, indirect=True)


@of(NETWORKS, EVERY_SECOND)
def test_the_keyboard_leads_to_every_phase_and_the_numbers_are_the_apis(walk: Walk) -> None:
    walk.theatre.key("Home")
    for phase in PHASES:
        walk.look_at(phase)
        walk.theatre.key("]")
    walk.theatre.key("End")
    walk.look_at("again")
    for phase in reversed(PHASES):
        assert walk.theatre.moment().phase == phase
        walk.theatre.key("[")


@of(NETWORKS, EVERY_SECOND)
def test_the_mouse_leads_to_every_phase_and_the_numbers_are_the_apis(walk: Walk) -> None:
    page = walk.page
    for phase in ("back", "again", "forward", "accumulate", "loss", "update", "outback", "unfold", "output"):
        page.locator(f".phase[data-phase={phase}]").click()
        walk.look_at(phase)
    at = walk.theatre.index()
    page.locator("[data-do=forward]").click()
    assert walk.theatre.index() == at + 1
    page.locator("[data-do=back]").click()
    assert walk.theatre.index() == at


@of(NETWORKS, EVERY_SECOND)
def test_the_scrubber_is_dragged_through_every_phase_and_back(walk: Walk) -> None:
    walk.theatre.key("Home")
    walk.page.evaluate("window.reading.anew()")
    slider = walk.page.locator(".scrub").bounding_box()
    assert slider is not None
    thumb = slider["height"]

    def drag_to(value: float) -> None:
        share = value / (len(walk.moments) - 1)
        x = slider["x"] + thumb / 2 + share * (slider["width"] - thumb)
        walk.page.mouse.move(x, slider["y"] + slider["height"] / 2)

    drag_to(0)
    walk.page.mouse.down()
    for phase in (*PHASES, *reversed(PHASES[:-1])):
        own = [i for i, moment in enumerate(walk.moments) if moment.phase == phase]
        drag_to((own[0] + own[-1] - 1) / 2)
        assert walk.look()[0].phase == phase
    walk.page.mouse.up()


@of(NETWORKS, SIMPLE)
def test_every_number_is_read_at_its_time(walk: Walk) -> None:
    theatre = walk.theatre
    theatre.key("Home")
    walk.page.evaluate("window.reading.anew()")
    seen, read = walk.look()
    visited = [seen]
    for _ in walk.moments[1:]:
        theatre.key("ArrowRight")
        moment, fresh = walk.look()
        visited.append(moment)
        read |= fresh | walk.look_at_the_lower_lane()
        if moment.phase == "update":  # of no gate alone: the cards of the others are a key away
            read |= {name for gate in walk.gates() for name in walk.look_at_gate(gate)}
    assert visited == walk.moments
    assert read == walk.expected.keys(), sorted(walk.expected.keys() - read)
