"""The pictures to take along: whole without the page, light whatever its theme, true to the run."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from app.experiments.experiment import Experiment
from app.experiments.run import run as run_it
from app.numerals import short
from tests.browser.test_hostile import ODD, TRICKS
from tests.browser.theatre import Theatre, address, open_page, seldom, watch_of, watched
from tests.conftest import LiveServer

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = set("svg title g rect path line polyline polygon circle ellipse text tspan clipPath".split())
PAGES_OWN = {"href", "class", "style", "id", "tabindex"}  # what only means something on the page


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    with watched(browser, live_server.url, color_scheme="dark", reduced_motion="reduce") as page:
        yield page
        watch_of(page).assert_clean()


def taken(page: Page, kind: str) -> Download:
    """What comes down for a picture of this kind, chosen with the keyboard."""
    page.locator(".take > summary").press("Enter")
    with page.expect_download(timeout=60_000) as coming:
        page.locator(f"[data-take={kind}]").press("Enter")
    return coming.value


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def picture(page: Page) -> ElementTree.Element:
    """The picture of the frame in hand, found to be whole: nothing in it asks for anything else."""
    root = ElementTree.fromstring(content(taken(page, "svg")))
    assert {el.tag.removeprefix(SVG) for el in root.iter()} <= DRAWN
    said_to = [(el.tag, name, value) for el in root.iter() for name, value in el.items()]
    assert {tag for tag, name, _ in said_to if name in PAGES_OWN} <= {f"{SVG}clipPath"}
    assert not [each for each in said_to if re.search(r"var\(|oklab|color-mix|NaN|undefined|^data", each[2])]
    assert {value for _, _, value in said_to if "url(" in value} <= {"url(#window)"}
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(el.itertext()).strip() for el in root.iter(f"{SVG}text")]


def said(root: ElementTree.Element) -> str:
    return " ".join(texts(root))


def test_a_picture_holds_the_words_the_numbers_and_the_caption_of_its_frame(page: Page) -> None:
    theatre = open_page(page, address("movie was good"))
    theatre.goto("forward", 2, 4)
    root, run = picture(page), run_it(Experiment(sentence="movie was good", weights="lecture"))
    numbers = [f"{x:.3f}".replace("-", "−").replace("0.", ".") for state in run.forward.h[:2] for x in state]
    assert len(numbers) == 6 and set(numbers) <= set(texts(root))
    assert {"movie", "was", "good", "2"} <= set(texts(root))
    assert "Through the activation." in texts(root)
    assert "One set of weights, shared by every step" in texts(root)
    assert root.find(f"{SVG}title").text.startswith("2Forward part 4 of 4")  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_picture_of_a_payment_has_its_coins(page: Page) -> None:
    theatre = open_page(page, address("movie was good"))
    theatre.goto("back", 2, 2)
    found, run = texts(picture(page)), run_it(Experiment(sentence="movie was good", weights="lecture"))
    blame = [short(x) for x in run.backward.d_preactivation[1]]
    assert all(found.count(number) >= 4 for number in blame)  # in its column and on three cards


def test_what_a_frame_does_not_know_is_not_in_its_picture(page: Page) -> None:
    theatre = open_page(page, address("movie was good"))
    theatre.goto("forward", 1, 4)
    early = texts(picture(page))
    theatre.key("End")
    late = texts(picture(page))
    assert ".717" not in early and ".717" in late  # the prediction


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["dark", "projector", ""])
def test_a_picture_is_light_whatever_the_theme_of_the_page(page: Page, theme: str) -> None:
    theatre = open_page(page, address("movie was good", view="light"))
    theatre.goto("back", 2, 2)
    light = content(taken(page, "svg"))
    page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    assert content(taken(page, "svg")) == light
    assert b'fill="#ffffff"' in light and b'fill="#191b22"' in light
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_a_picture_is_the_same_however_far_the_page_is_scrolled(page: Page) -> None:
    """The story stays in sight above the stage it is told of, and in the picture it stands above it."""
    theatre = open_page(page, address("movie was good"))
    theatre.goto("back", 2, 2)
    above = picture(page)
    page.evaluate("scrollTo(0, 300)")
    assert page.evaluate("scrollY") > 200
    assert ElementTree.tostring(picture(page)) == ElementTree.tostring(above)


NETWORKS = [
    {"cell": "lstm"}, {"cell": "gru"}, {"bidirectional": "true"}, {"hidden_size": 40}, {"task": "next_word"},
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fields", NETWORKS, ids=lambda fields: "-".join(fields))
def test_every_network_can_be_taken(page: Page, fields: dict[str, object]) -> None:
    theatre = open_page(page, address("movie was not good", weights="drawn", **fields))
    theatre.goto("back", 2)
    root = picture(page)
    assert {"movie", "not"} <= set(texts(root))
    if "cell" in fields:
        assert "at “was”, step 2" in said(root)


@pytest.mark.slow
def test_the_page_is_afterwards_as_it_was(page: Page) -> None:
    theatre = open_page(page, address("movie was good", cell="lstm", weights="drawn"))
    theatre.goto("forward", 2, 3)
    page.locator("[data-do=text]").click()
    page.mouse.wheel(0, 300)
    page.wait_for_timeout(600)  # a wheel scrolls smoothly, and the frame was to be brought into sight
    page.locator(".take > summary").focus()
    now = """() => {
      const html = document.documentElement, theatre = document.querySelector(".theatre");
      theatre.querySelector(".take").open = false;
      return [html.className, html.dataset.theme ?? "", scrollY, theatre.outerHTML];
    }"""
    before = page.evaluate(now)
    taken(page, "svg")
    taken(page, "png")
    assert page.evaluate(now) == before
    expect(page.locator(".take > summary")).to_be_focused()


@pytest.mark.slow
def test_of_a_long_sentence_the_picture_shows_the_columns_around_the_step(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    theatre = open_page(page, address(" ".join(["movie was good"] * 20), weights="drawn"))
    theatre.goto("forward", 30, 4)
    root = picture(page)
    assert float(root.get("width", "0")) <= 1600
    steps = {int(text) for text in texts(root) if re.fullmatch(r"\d+", text) and int(text) > 1}
    assert {28, 29, 30, 31, 32} <= steps and not steps & {5, 20, 40, 60}


@pytest.mark.parametrize(
    "words", ["entities", "mathml", "rtl", *map(seldom, ("controls", "combining", "emoji"))]
)
def test_what_somebody_typed_stays_text(page: Page, words: str) -> None:
    open_page(page, address((TRICKS | ODD)[words], weights="drawn"))
    page.keyboard.press("End")
    assert len(said(picture(page))) > 100


def test_a_png_is_the_same_picture_twice_as_fine(page: Page) -> None:
    theatre = open_page(page, address("movie was good"))
    theatre.goto("back", 2, 2)
    root, download = picture(page), taken(page, "png")
    assert download.suggested_filename == "unrolled-movie-was-good-back-2-2.png"
    png = content(download)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    size = struct.unpack(">II", png[16:24])
    assert size == (2 * int(root.get("width", "0")), 2 * int(root.get("height", "0")))
    assert len(set(pixels(png))) > 100


def pixels(png: bytes) -> bytes:
    """The filtered bytes of a PNG."""
    packed, at = b"", 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        packed += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(packed)


def delays(gif: bytes) -> list[int]:
    """The hundredths of a second that each image of a GIF stands, read block by block up to its trailer."""
    assert gif[:6] == b"GIF89a"
    found, at = [], 13 + (3 << (gif[10] & 7) + 1 if gif[10] & 128 else 0)
    images = 0
    while gif[at] != 0x3B:
        if gif[at] == 0x21:
            if gif[at + 1] == 0xF9:
                found.append(struct.unpack("<H", gif[at + 4 : at + 6])[0])
            at += 2
        else:
            assert gif[at] == 0x2C
            images += 1
            at += 11 + (3 << (gif[at + 9] & 7) + 1 if gif[at + 9] & 128 else 0)
        while gif[at]:
            at += gif[at] + 1
        at += 1
    assert at == len(gif) - 1 and images == len(found)
    return found


def test_an_animation_has_an_image_for_every_frame_and_leaves_the_page_where_it_was(page: Page) -> None:
    theatre = open_page(page, address("good"))
    theatre.goto("output", part=1)
    download = taken(page, "gif")
    assert download.suggested_filename == "unrolled-good.gif"
    gif = content(download)
    stands = delays(gif)
    assert len(stands) == len(theatre.moments())
    assert all(160 <= stand <= 650 for stand in stands)
    width, height = struct.unpack("<HH", gif[6:10])
    assert 1200 <= width <= 1600 and height > 400
    assert theatre.moment().phase == "output"
    expect(page.locator("dialog.drawing")).to_be_hidden()


@pytest.mark.slow
def test_an_animation_can_be_given_up(page: Page) -> None:
    theatre = open_page(page, address("movie was not good"))
    came: list[Download] = []
    page.on("download", lambda download: came.append(download))
    page.locator(".take > summary").press("Enter")
    page.locator("[data-take=gif]").press("Enter")
    expect(page.locator("dialog.drawing progress")).to_have_attribute("value", re.compile(r"\d"))
    page.keyboard.press("Escape")
    expect(page.locator("dialog.drawing")).to_be_hidden()
    page.wait_for_timeout(500)
    assert not came and theatre.index() == 0


@pytest.mark.slow
def test_a_story_too_long_for_an_animation_is_told_so(page: Page) -> None:
    theatre: Theatre = open_page(page, address(" ".join(["good"] * 60), weights="drawn"))
    count = len(theatre.moments())
    page.locator(".take > summary").press("Enter")
    page.locator("[data-take=gif]").press("Enter")
    expect(page.locator("dialog.drawing .said")).to_have_text(
        f"An animation has at most 240 frames, this story has {count}. "
        "Take a shorter sentence, or its pictures one by one."
    )
    page.keyboard.press("Enter")
    expect(page.locator("dialog.drawing")).to_be_hidden()


def test_without_a_script_no_picture_is_offered(browser: Browser, live_server: LiveServer) -> None:
    with watched(browser, live_server.url, java_script_enabled=False) as page:
        page.goto(address("good"))
        page.locator(".take > summary").click()
        expect(page.locator(".take").get_by_text("Table (CSV)")).to_be_visible()
        expect(page.locator(".pictures")).to_be_hidden()
