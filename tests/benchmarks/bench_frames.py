"""Frames a second of the animation in headless Chromium: every cell at fifty steps of eight units played, and
scrubbed there and at 256 steps of 64 units, from end to end and back in a few seconds.

    make bench                                   or   .venv/bin/python tests/benchmarks/bench_frames.py

The page counts its own animation frames while it plays; the empty page's count, taken in the same run, is the
most that this machine gives. Quote the ratio.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import chromium
from tests.conftest import serve

CELLS = ("elman", "lstm", "gru")
SECONDS = 6
COUNT = """(ms) => new Promise((done) => {
  let n = 0, worst = 0, before = performance.now();
  const end = before + ms;
  const tick = (now) => {
    worst = Math.max(worst, now - before);
    before = now;
    n++;
    now < end ? requestAnimationFrame(tick) : done([n * 1000 / ms, worst]);
  };
  requestAnimationFrame(tick);
})"""
SCRUB = """(ms) => new Promise((done) => {
  const bar = document.querySelector(".scrub"), last = Number(bar.max), start = performance.now();
  let n = 0, worst = 0, before = start;
  const tick = (now) => {
    worst = Math.max(worst, now - before);
    before = now;
    n++;
    bar.value = last * Math.abs(Math.sin((now - start) / 2500));
    bar.dispatchEvent(new Event("input", { bubbles: true }));
    now - start < ms ? requestAnimationFrame(tick) : done([n * 1000 / ms, worst]);
  };
  requestAnimationFrame(tick);
})"""


def report(name: str, measured: list[float], best: float) -> None:
    rate, gap = measured
    share = rate / best
    print(f"{name}: {rate:.1f} frames a second ({share:.0%} of an empty page), longest gap {gap:.0f} ms")


def opened(page: Page, url: str, steps: int, asked: dict[str, str]) -> str:
    """The page of a sentence of so many words; what to call it."""
    words = " ".join(f"word{k % 17}" for k in range(steps))
    page.goto(f"{url}/?{urlencode({'sentence': words, **asked})}")
    page.locator("#labs form").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    return f"{steps} steps, {' '.join(asked.values())}"


def played(page: Page, name: str, best: float) -> None:
    page.select_option("[data-do=speed]", "4")
    for phase in ("forward", "back"):
        page.click(f".phase[data-phase={phase}]")
        page.click("[data-do=play]")
        report(f"{name}, playing {phase}", page.evaluate(COUNT, SECONDS * 1000), best)
        page.click("[data-do=play]")


def run(page: Page, url: str) -> None:
    page.goto("about:blank")
    best = page.evaluate(COUNT, 2000)
    report("empty page", best, best[0])
    for cell in CELLS:
        played(page, opened(page, url, 50, {"cell": cell, "hidden_size": "8"}), best[0])
    for steps, units in ((50, "8"), (256, "64")):
        for cell in CELLS:
            name = opened(page, url, steps, {"cell": cell, "hidden_size": units})
            report(f"{name}, scrubbing", page.evaluate(SCRUB, SECONDS * 1000), best[0])


if __name__ == "__main__":
    with serve() as server, chromium() as browser:
        run(browser.new_page(viewport={"width": 1440, "height": 900}), server.url)
