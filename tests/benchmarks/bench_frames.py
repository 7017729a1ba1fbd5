"""Frames a second of the animation in headless Chromium: fifty steps of eight units, played and scrubbed.

    make bench                                   or   .venv/bin/python tests/benchmarks/bench_frames.py

The page counts its own animation frames while it plays; the empty page's count, taken in the same run, is the
most that this machine gives. Quote the ratio.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import quote_plus

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import chromium
from tests.conftest import serve

WORDS = " ".join(f"word{k % 17}" for k in range(50))
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


def run(page: Page, url: str) -> None:
    page.goto("about:blank")
    best = page.evaluate(COUNT, 2000)
    report("empty page", best, best[0])
    for units, words in ((8, WORDS), (3, "movie was not good")):
        page.goto(f"{url}/?sentence={quote_plus(words)}&hidden_size={units}")
        page.wait_for_timeout(2500)
        steps = len(words.split())
        page.select_option("[data-do=speed]", "4")
        for phase in ("forward", "back"):
            page.click(f".phase[data-phase={phase}]")
            page.click("[data-do=play]")
            counted = page.evaluate(COUNT, SECONDS * 1000)
            report(f"{steps} steps x {units} units, playing {phase}", counted, best[0])
            page.click("[data-do=play]")
        counted = page.evaluate(SCRUB, SECONDS * 1000)
        report(f"{steps} steps x {units} units, scrubbing", counted, best[0])


if __name__ == "__main__":
    with serve() as server, chromium() as browser:
        run(browser.new_page(viewport={"width": 1440, "height": 900}), server.url)
