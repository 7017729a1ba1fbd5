"""From a change of a control to its new picture: server and browser together, in headless Chromium.

    make bench                                   or   .venv/bin/python tests/benchmarks/bench_browser.py

A control is changed as a student changes it; the picture is there when a new theatre shows its frame and the
browser has drawn it. Every change asks what was not asked before, so no answer is a kept one. A
change that brings no picture within ten seconds counts as -1, and the target is not met. The floor is an
animation frame of an empty page with a timer after it, in the same browser: what no page can be quicker than.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import chromium
from tests.conftest import serve

CHANGES = 12
WANTED = {12: 150, 256: 400}  # ms, median
FLOOR = """() => new Promise((done) => {
  const start = performance.now();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start), 0));
})"""
CHANGE = """([name, value]) => new Promise((done) => {
  const control = document.querySelector(`#question [name="${name}"]`);
  const old = document.querySelector(".theatre"), start = performance.now();
  const watch = new MutationObserver(() => {
    const now = document.querySelector(".theatre");
    if (!now || now === old || !now.querySelector(".story > .frame.on")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start), 0));
  });
  const classes = { attributes: true, attributeFilter: ["class"] };
  watch.observe(document.body, { subtree: true, childList: true, ...classes });
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
  setTimeout(() => { watch.disconnect(); done(-1); }, 10000);
})"""


def medians(page: Page, url: str, words: int) -> None:
    """Another seed, then another number of units, so many times each."""
    sentence = " ".join(f"word{k % 60}" for k in range(words))
    page.goto(f"{url}/?{urlencode({'sentence': sentence, 'weights': 'drawn', 'hidden_size': 4})}")
    page.wait_for_timeout(3000)
    for name, values in (
        ("seed", [str(1000 + k) for k in range(CHANGES)]),
        ("hidden_size", [str(5 + k) for k in range(CHANGES)]),  # each of another shape
    ):
        taken = []
        for value in values:
            taken.append(page.evaluate(CHANGE, [name, value]))
            page.wait_for_timeout(1200)  # the lower parts of the page come, and go
        middle = statistics.median(taken)
        said = "met" if 0 < min(taken) and middle <= WANTED[words] else "not met"
        print(
            f"{words} words, {name}: median {middle:.0f} ms of {len(taken)}, worst {max(taken):.0f}; "
            f"wanted {WANTED[words]}: {said}"
        )


def main(page: Page, url: str) -> None:
    page.goto("about:blank")
    floor = statistics.median(page.evaluate(FLOOR) for _ in range(20))
    print(f"an empty frame: {floor:.0f} ms")
    for words in WANTED:
        medians(page, url, words)


if __name__ == "__main__":
    with serve() as server, chromium() as browser:
        main(browser.new_page(viewport={"width": 1440, "height": 900}), server.url)
