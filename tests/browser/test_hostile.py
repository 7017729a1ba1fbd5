"""Whatever a user types appears as it was typed, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.theatre import Opener, address, eventually, open_page, seldom, watch_of, watched
from tests.conftest import LiveServer

# Each would call it, were it ever run.
CANARY = "window.canary = 0; window.hit = () => { window.canary += 1; };"
TRICKS = {
    "script": "<script>hit()</script> <img src=x onerror=hit()>",
    "attribute": "\"autofocus onfocus=hit() x=\" 'onmouseover=hit() x=' `onclick=hit()`",
    "closing": "</title></textarea></style></script></bdi></svg></math></template><script>hit()</script>",
    "svg": "<svg onload=hit()><svg/onload=hit()> <use href=data:image/svg+xml,hit()> </svg><script>hit()",
    "animate": "<svg><animate onbegin=hit() attributeName=x dur=1s><set attributeName=onload to=hit()>",
    "mathml": '<math><mi//xlink:href="javascript:hit()">x</mi></math> <maction actiontype=statusline>',
    "mutation": '<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=hit()>">',
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7*7 %> {{constructor.constructor('hit()')()}}",
    "htmx": "<b hx-get=/ hx-trigger=load hx-on:click=hit()> <hx-partial hx-target=body> hx-swap-oob=true",
    "url": "javascript:hit() data:text/html,<script>hit()</script> //evil.example/ &sentence=x&part=y #frag",
    "format": "%s %(t)s %d {0} {t} %% $1 $& \\x3c \\u003cscript",
    "entities": "&lt;script&gt; &amp;amp; &#x3c; &quot; &apos; ]]> <!-- --> <![CDATA[",
}
ODD = {
    "rtl": "\u202egnitsrever\u202c \u2066isolated \u200fmark \u202d",
    "invisible": "zero\u200bwidth no\u2060break \ufeffbom so\u00adft \u180e",
    "controls": "a\u0000b \u0007bell \u001bescape \u007fdelete \u0085nel \ufffe",
    "combining": "z" + "\u0300\u0301\u0302\u0489" * 60 + " algo",
    "emoji": "👩‍🏫 teaches 👨‍👩‍👧‍👦 🏳️‍🌈 🇮🇳 न मराठी naïve don't",
    "long": "x" * 9000 + " short",
    "wide": "漢" * 24 + " ＡＢＣ ﷽﷽﷽﷽",
}


@pytest.fixture(scope="module")
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url, reduced_motion="reduce") as page:
        page.add_init_script(CANARY)
        watch_of(page).allow(r"status of 4\d\d")
        yield page


@pytest.fixture
def page(opened: Page) -> Iterator[Page]:
    """One page for all; nothing was run, asked of others or refused by the policy."""
    yield opened
    assert_nothing_ran(opened)


def assert_nothing_ran(page: Page) -> None:
    assert page.evaluate("window.canary") == 0
    assert (
        page.evaluate("document.querySelectorAll('script:not([src], [type=\"application/json\"])').length")
        == 0
    )
    strangers = page.evaluate(
        """() => {
          const strange = ({ name, value }) => /^on/.test(name) || (/(href|src|action)$/.test(name)
            && /^\\s*(javascript:|data:(?!image\\/png)|\\/\\/)|^https?:(?!\\/\\/127)/i.test(value));
          const all = [...document.querySelectorAll("*")];
          return all.flatMap((el) => [...el.attributes].filter(strange).map((a) => [el.tagName, a.value]));
        }"""
    )
    assert strangers == []
    watch_of(page).assert_clean()


def everything(page: Page) -> None:
    """Wait until every lower part is there, open what folds and show every frame at once."""
    eventually(page, "document.querySelectorAll('.later').length === 0")
    page.evaluate(
        """() => document.querySelectorAll("details").forEach((el) => {
          if (!el.matches("#examples, .numbers")) el.open = true;
        })"""
    )
    page.locator("[data-do=text]").click()


def overflow(page: Page) -> list[Any]:
    """The width of the page and what makes it so, if it is wider than its window."""
    found: list[Any] = page.evaluate(
        """() => {
          const root = document.documentElement, width = root.clientWidth;
          if (root.scrollWidth <= width + 1) return [];
          const right = (el) => el.getBoundingClientRect().right;
          const clips = (el) => el.closest("body *") && getComputedStyle(el).overflowX !== "visible";
          const clipped = (el) => {
            for (let up = el.parentElement; up; up = up.parentElement)
              if (clips(up) && right(up) <= width + 1) return true;
            return false;
          };
          const wide = [...document.querySelectorAll("body *")].filter((el) => right(el) > width + 1);
          const names = (el) => `${el.tagName}.${el.getAttribute("class")}#${el.id} ${Math.round(right(el))}`;
          return [root.scrollWidth, ...wide.filter((el) => !clipped(el)).slice(0, 4).map(names)];
        }"""
    )
    return found


@pytest.mark.parametrize("tricks", [tuple(TRICKS)[k::2] for k in range(2)], ids="-".join)
def test_a_hostile_sentence_is_text_everywhere(page: Page, tricks: tuple[str, ...]) -> None:
    text = " ".join(TRICKS[trick] for trick in tricks)
    open_page(page, address(text, weights="drawn"), charts=True)
    everything(page)
    assert page.input_value("#sentence") == text
    href = page.locator("nav.links a[href*='/api/v1/run']").get_attribute("href")
    words = page.request.get(str(href)).json()["words"]
    assert page.locator(".strip .jump bdi").all_text_contents() == words
    assert page.title().startswith(" ".join(words)[:40])
    shown = page.locator("#stage .story").inner_text()
    assert all(word[:30] in shown for word in words)
    assert page.locator("#stage .code title").all_text_contents() == words


def test_hostile_reviews_are_text_everywhere(page: Page) -> None:
    """One run that carries every trick in a review; words of theirs are the vocabulary."""
    reviews = [f"{text}|{k % 2}" for k, text in enumerate([*TRICKS.values(), *list(ODD.values())[:5]])]
    open_page(page, address("hit 7 <b>x</b>", weights="drawn", corpus="custom", review=reviews), charts=True)
    everything(page)
    lines = page.input_value("#reviews").split("\n")
    assert len(lines) == len(reviews)
    assert lines[0].startswith("<script>hit()</script>")
    listed = page.locator("#panels table").first.inner_text()
    assert all(word in listed for word in ("script", "onerror", "maction", "constructor.constructor"))


def test_hostile_words_in_the_inspector_are_text(page: Page) -> None:
    """A word of the user's stands in the explanation of its step, its code and its row."""
    open_page(page, address('<svg/onload=hit()> "x"', weights="drawn"))
    eventually(page, "document.querySelectorAll('.later').length === 0")
    word = page.locator(".strip .jump bdi").first.text_content()
    for part in ("x-1", "h-1.0", "in-W_xh-1.0", "tot-W_xh-5.0", "slot-W_xh-1", "xw-1.0"):
        page.evaluate(
            """(part) => {
              const form = document.getElementById("inspecting");
              form.elements.part.value = part;
              form.dispatchEvent(new CustomEvent("inspect"));
            }""",
            part,
        )
        expect(page.locator("#inspector")).to_have_attribute("data-part-shown", part)
        assert page.locator("#inspector svg[onload]").count() == 0
    assert str(word) in page.locator("#ledger").inner_text()


REFUSALS = (
    "/?sentence=ok&activation=%3Cscript%3Ehit()%3C/script%3E",
    "/?sentence=ok&initial_state=%22%3E%3Cimg%20src=x%20onerror=hit()%3E",
    "/?sentence=ok&%3Cscript%3Ehit()%3C/script%3E=1",
    "/?sentence=ok&parameters=%3Csvg/onload=hit()%3E",
    "/?sentence=ok&edit=%3Csvg/onload=hit()%3E%7C1",
    "/?sentence=ok&corpus=custom&review=%3Cscript%3Ehit()%3C/script%3E",
    "/?sentence=%3Cimg/src=x/onerror=hit()%3E&vocabulary=%3Cb%3E",
    "/?sentence=plain&vocabulary=%3Cimg/src=x/onerror=hit()%3E&vocabulary=plain",
    "/?sentence=ok&hidden_size=%7B%7B7*7%7D%7D",
    "/inspect?sentence=ok&part=%3Csvg/onload=hit()%3E",
    "/ledger?sentence=ok&parameter=%3Csvg/onload=hit()%3E",
    "/ledger?sentence=ok&page=%3Csvg/onload=hit()%3E",
    "/%3Cscript%3Ehit()%3C/script%3E",
)


@pytest.mark.parametrize("path", REFUSALS)
def test_what_is_refused_is_quoted_as_text(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None and 400 <= answer.status < 500
    said = page.locator("body").inner_text()
    assert "hit()" in said or "49" not in said
    assert overflow(page) == []


@pytest.mark.parametrize(
    ("kind", "width"), [*((kind, 390) for kind in ODD), seldom("combining", 1440), seldom("long", 1440)]
)
def test_odd_text_shows_and_never_widens_the_page(page: Page, kind: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, address(ODD[kind], weights="drawn"), charts=True)
    everything(page)
    wide = overflow(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    assert wide == []
    assert page.locator(".jump").count() >= 2


def test_an_opened_table_of_numbers_scrolls_inside_its_chart(new_page: Opener) -> None:
    page = new_page(width=390)
    open_page(page, address("movie was not good"))
    everything(page)
    page.evaluate("document.querySelectorAll('details.numbers').forEach((el) => (el.open = true))")
    assert overflow(page) == []


def test_reversed_text_does_not_turn_its_neighbours_round(page: Page) -> None:
    open_page(page, address(ODD["rtl"], weights="drawn"), charts=True)
    everything(page)
    bare = page.evaluate(
        """() => {
          const bare = [], main = document.querySelector("main");
          const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const host = node.parentElement;
            const turns = /[\\u202a-\\u202e\\u2066-\\u2069\\u200f]/.test(node.data);
            if (!turns || host.closest("title, script")) continue;
            const kept = getComputedStyle(host.closest("bdi") ?? host).unicodeBidi;
            if (/isolate|plaintext/.test(kept) || host.closest("svg text")) continue;
            bare.push([host.tagName, host.className, node.data]);
          }
          return bare.slice(0, 5);
        }"""
    )
    assert bare == []


def test_a_hostile_sentence_typed_into_the_field_is_text(new_page: Opener) -> None:
    page = new_page()
    page.add_init_script(CANARY)
    open_page(page, address("movie was good"))
    for text in (TRICKS["svg"], TRICKS["htmx"], TRICKS["template"]):
        page.fill("#sentence", text)
        eventually(
            page,
            "document.getElementById('run').dataset.sentence === document.getElementById('sentence').value",
        )
    assert page.evaluate("window.canary") == 0
    page.go_back()
    eventually(page, f"document.getElementById('run')?.dataset.sentence === {TRICKS['htmx']!r}")
    assert page.evaluate("window.canary") == 0
