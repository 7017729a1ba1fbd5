"""What the tests of the page share: opening it, moving its clock by hand, reading what it shows.

The theatre draws in animation frames. `HAND_CLOCK`, an init script, puts them into the test's hands:
nothing moves until `pass(milliseconds)` lets time pass; `waiting()` tells how many callbacks are asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.query import parse, permalink
from tests.browser.conftest import Watch


def seldom(*values: Any) -> Any:
    """A case that is like another of its test: run by `make soak`."""
    return pytest.param(*values, marks=pytest.mark.slow)


HAND_CLOCK = """(() => {
  const queue = new Map();
  let now = 1000, next = 1;
  window.requestAnimationFrame = (call) => { queue.set(next, call); return next++; };
  window.cancelAnimationFrame = (id) => queue.delete(id);
  performance.now = () => now;
  window.clock = {
    pass(milliseconds) {
      for (const end = now + milliseconds; now < end; ) {
        now = Math.min(end, now + 50);
        const calls = [...queue.values()];
        queue.clear();
        calls.forEach((call) => call(now));
      }
    },
    waiting: () => queue.size,
  };
})()"""

READ = """(() => {
  // What the player may touch: every part with a name, the dots on the curves, the story and the transport.
  const TOUCHED = "[id], .dot, .frame, .phase, .jump, .pp, .flights";
  const parts = () => {
    const theatre = document.querySelector(".theatre"), side = document.querySelector(".side .adds");
    return [theatre, ...theatre.querySelectorAll(TOUCHED), ...side.querySelectorAll("[id]")];
  };
  const shown = (el) => {
    const style = getComputedStyle(el);
    return [[...el.classList].sort().join(" "), el.getAttribute("style") ?? "",
            style.opacity, style.transform,
            style.display, style.visibility, style.clipPath].join("; ");
  };
  window.stageState = {
    read() {
      document.getAnimations().forEach((animation) => animation.finish());
      const found = parts().map((el, k) => [`${el.tagName}#${el.id || k}`, shown(el)]);
      const theatre = document.querySelector(".theatre"), scrub = theatre.querySelector(".scrub");
      const current = [...theatre.querySelectorAll(".jump[aria-current]")].map((el) => el.dataset.t);
      found.push(["data", JSON.stringify(theatre.dataset)], ["jumps", current.join()]);
      found.push(["scroll", theatre.querySelector(".track").scrollLeft]);
      found.push(["scrub", scrub.value], ["said", scrub.getAttribute("aria-valuetext")]);
      return found;
    },
    difference(one, other) {
      const more = Math.abs(one.length - other.length); // a coin is there only while it is shown
      if (more) return Array(more).fill(["parts", one.length, other.length]);
      return one.flatMap(([name, a], k) => (a === other[k][1] ? [] : [[name, a, other[k][1]]]));
    },
    key(name) {
      const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
    },
    scrub(value) {
      const scrub = document.querySelector(".theatre .scrub");
      scrub.value = value;
      scrub.dispatchEvent(new Event("input", { bubbles: true }));
    },
    index() {
      const frames = [...document.querySelectorAll(".story > .frame")];
      return frames.findIndex((el) => el.classList.contains("on"));
    },
    count: () => document.querySelectorAll(".story > .frame").length,
  };
})()"""


SEEN = """(id) => {
  document.getAnimations().forEach((animation) => animation.finish());
  const part = document.getElementById(id), el = part.querySelector(".c > text, .n, text") ?? part;
  if (!el.getClientRects().length || getComputedStyle(el).visibility === "hidden") return false;
  for (let up = el; up; up = up.parentElement) if (Number(getComputedStyle(up).opacity) < 0.05) return false;
  return true;
}"""


@dataclass(frozen=True)
class Moment:
    """Where a frame stands in the story."""

    phase: str
    t: int
    part: int


def address(sentence: str, **fields: Any) -> str:
    """The page's own address for an experiment; the lecture's weights unless others are asked for.

    What cannot be run stays as it is given.
    """
    listed = [("sentence", sentence), *{"weights": "lecture", **fields}.items()]
    pairs = [
        (name, str(value))
        for name, values in listed
        for value in (values if isinstance(values, list) else [values])
    ]
    try:
        return permalink(Experiment(**parse(pairs)))
    except ExperimentError:
        return "/?" + urlencode(pairs)


def open_page(page: Page, path: str, charts: bool = False) -> Theatre:
    """The page at an address, its theatre and its bars there; its lower parts may still be on their way.

    charts : with them, which are a third of a page's work
    """
    if not charts and "hide=" not in path:
        path += f"{'&' if '?' in path else '?'}hide=charts"
    page.goto(path)
    expect(page.locator(".story > .frame.on")).to_have_count(1)
    expect(page.locator("#adds[hx-get]")).to_have_count(0)
    return Theatre(page)


class Theatre:
    """The stage of an open page, by what a student can do with it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def moments(self) -> list[Moment]:
        found = self.page.locator(".story > .frame").evaluate_all(
            "(all) => all.map(({ dataset: d }) => [d.phase, Number(d.t), Number(d.part)])"
        )
        return [Moment(*each) for each in found]

    def index(self) -> int:
        """Which frame is shown; exactly one is."""
        on: list[int] = self.page.locator(".story > .frame").evaluate_all(
            "(all) => all.flatMap((el, i) => (el.classList.contains('on') ? [i] : []))"
        )
        assert len(on) == 1, on
        return on[0]

    def moment(self) -> Moment:
        return self.moments()[self.index()]

    def find(self, phase: str, t: int | None = None, part: int = 1) -> int:
        """The index of a frame."""
        return next(
            i
            for i, m in enumerate(self.moments())
            if m.phase == phase and m.part == part and (t is None or m.t == t)
        )

    def goto(self, phase: str, t: int | None = None, part: int = 1) -> None:
        """Drag the scrubber to a frame."""
        self.scrub(self.find(phase, t, part))

    def scrub(self, value: float) -> None:
        self.page.locator(".scrub").evaluate(
            """(el, value) => {
              el.value = value;
              el.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            value,
        )

    def key(self, name: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(name)

    def said(self) -> str:
        """Title and caption of the frame that is shown."""
        return self.page.locator(".story > .frame.on .caption").inner_text()

    def numbers(self, part: str) -> list[str]:
        """The numbers of a group of the drawing, as they are written there."""
        return self.page.locator(f"[id='{part}'] .c > text").all_text_contents()

    def ghost(self, part: str) -> bool:
        """True while the numbers of a part are not known."""
        return bool(self.page.locator(f"[id='{part}']").evaluate("(el) => el.classList.contains('ghost')"))

    def part(self, part: str) -> Locator:
        return self.page.locator(f"[id='{part}']")

    def seen(self, part: str) -> bool:
        """True when the numbers of a part can be read: displayed, visible, opaque all the way up."""
        return bool(self.page.evaluate(SEEN, part))


def eventually(page: Page, claim: str, seconds: float = 10) -> None:
    """Wait until an expression holds in the page, whose policy forbids what Playwright's own waiting uses."""
    until = time.monotonic() + seconds
    while not page.evaluate(claim):
        assert time.monotonic() < until, f"still not so after {seconds} s: {claim}"
        page.wait_for_timeout(25)


@contextmanager
def watched(
    browser: Browser, url: str, width: int = 1440, height: int = 900, **context: Any
) -> Iterator[Page]:
    """A page with a watch, for a fixture that many tests share; each of them asks `page.watch` afterwards."""
    opened = browser.new_context(viewport={"width": width, "height": height}, base_url=url, **context)
    page = opened.new_page()
    page.set_default_timeout(15_000)
    watch = Watch(origin=url)
    watch.attach(page)
    page.watch = watch  # type: ignore[attr-defined]
    try:
        yield page
    finally:
        opened.close()


def watch_of(page: Page) -> Watch:
    """What went wrong on a page so far."""
    found: Watch = page.watch  # type: ignore[attr-defined]
    return found


Opener = Callable[..., Page]


def with_hand_clock(page: Page) -> Page:
    """The same page; what it opens next has its animation frames in the test's hands."""
    page.add_init_script(HAND_CLOCK)
    page.add_init_script(READ)
    return page


def written(value: float) -> str:
    """A number as a cell of the stage writes it: three decimals at most, no leading zero, a true minus."""
    if value == 0:
        return "0"
    text = f"{abs(value):.3f}".lstrip("0")
    return ("−" if value < 0 else "") + text


def value_of(text: str) -> float:
    """The number that a cell of the stage writes: ".291", "−.5", "2e−4", "3.61"."""
    return float(text.replace("−", "-"))
