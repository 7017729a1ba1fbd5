"""A real browser for the tests of this folder.

browser    headless Chromium, one for each test process
new_page   a function that opens a watched page in a context of its own: new_page(width=390, dark=True)
page       a watched page at 1440 x 900 with `live_server.url` as its base: page.goto("/")
watch      what went wrong on `page` so far; checked at the end of each test. A test that provokes an
           error names it beforehand: watch.allow(r"status of 422")
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks of another machine fails, and is on record as a foreign request.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `policy violation: ${event.effectiveDirective} blocked ${event.blockedURI} `
  + `(${event.sourceFile}:${event.lineNumber} ${event.sample})`));
"""


@dataclass
class Watch:
    """What a page did that it must not do: errors, policy violations, requests to somebody else."""

    origin: str
    console_errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Expect errors that match; a policy violation or a foreign request is never expected."""
        self.allowed.append(pattern)

    def assert_clean(self) -> None:
        errors = [
            text
            for text in self.console_errors + self.page_errors
            if not any(re.search(pattern, text) for pattern in self.allowed)
        ]
        found = {
            "errors": errors,
            "policy violations": self.violations,
            "requests to others": self.foreign_requests,
            "dialogs": self.dialogs,
        }
        assert not any(found.values()), {name: texts for name, texts in found.items() if texts}

    def attach(self, page: Page) -> None:
        page.add_init_script(REPORT_VIOLATIONS)
        page.on("console", lambda message: self.on_console(message.type, message.text))
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        page.on("request", self.on_request)
        page.on("dialog", self.on_dialog)

    def on_console(self, kind: str, text: str) -> None:
        if "policy violation:" in text or "Content Security Policy" in text:
            self.violations.append(text)
        elif kind == "error":
            self.console_errors.append(text)

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:", "about:")):
            self.foreign_requests.append(request.url)

    def on_dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def chromium_path() -> str:
    """Where Chromium is. Skips the test when it is nowhere, which is a failure in continuous integration."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is not None:
        return found
    message = "the browser tests need Chromium: apt-get install chromium fonts-liberation"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, until the block is left."""
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def new_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens pages with a `watch` each (page.watch); all are checked when the test ends."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_page(
        width: int = 1440, height: int = 900, dark: bool = False, base_url: str | None = None, **context: Any
    ) -> Page:
        base = base_url or live_server.url
        opened = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
            base_url=base, **context,
        )  # fmt: skip
        contexts.append(opened)
        page = opened.new_page()
        page.set_default_timeout(15_000)
        watch = Watch(origin="/".join(base.split("/")[:3]))
        watch.attach(page)
        page.watch = watch  # type: ignore[attr-defined]
        watches.append(watch)
        return page

    yield open_page
    for context in contexts:
        context.close()
    for watch in watches:
        watch.assert_clean()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def watch(page: Page) -> Watch:
    return page.watch  # type: ignore[attr-defined, no-any-return]
