"""What each network looks like: every kind at three lengths, in three widths and three themes, kept small.

A reference is a sheet of nine pictures of one network at one length, a row for each width, a column for each
theme. A picture is the stage at a frame of the way back, from the columns down to the weights: geometry of
our own, with hardly a line of prose in it, so that another machine's fonts change the shapes of letters and
little else.

Pictures are compared by the means of their blocks, see `distance`. `python -m tests.browser.looks` draws all
sheets anew.
"""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.theatre import open_page

Picture = NDArray[np.uint8]  # (height, width, 3)
REFERENCES = Path(__file__).with_name("references")
NETWORKS: dict[str, dict[str, Any]] = {
    "elman": {},
    "elman-two-ways": {"bidirectional": "true"},
    "lstm": {"cell": "lstm"},
    "lstm-two-ways": {"cell": "lstm", "bidirectional": "true"},
    "gru": {"cell": "gru"},
    "gru-two-ways": {"cell": "gru", "bidirectional": "true"},
    "next-word": {"task": "next_word"},
    "next-word-two-ways": {"task": "next_word", "cell": "gru", "bidirectional": "true"},
}
UNITS = {3: 3, 12: 8, 60: 16}
"""Hidden units by the length of the sentence: cells, low cells, bands of colour."""
SIZES = {1440: (200, 176), 1024: (200, 196), 390: (110, 264)}
"""Width and height of a picture in its sheet, by the width of the window."""
THEMES = ("light", "dark", "projector")
WORDS = "movie was not good but bad".split()
HIDDEN = "ledger,labs,charts,panels,highway,credit,inspector"  # not in the picture, so not waited for
TALL = 1200  # of the window
COLOURS, BLOCK, REGIONS, GAP = 28, 10, (3, 4), 4
HUES = np.array([[0.3, 2.1, -0.9], [0.6, -1.8, -1.8], [0.1, -0.3, 2.7]])  # light, 3 x redness, 3 x blueness
WORN = """(theme) => {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("theme"));
}"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

# What the picture holds: from the columns, or the overview above them, down to the weights, as far as seen.
CLIP = """(aspect) => {
  const theatre = document.querySelector(".theatre"), home = theatre.getBoundingClientRect();
  const first = theatre.querySelector(".overview") ?? theatre.querySelector(".scene");
  const top = first.getBoundingClientRect().top;
  const bottom = theatre.querySelector(".shelf").getBoundingClientRect().bottom;
  const height = Math.min(bottom - top, home.width * aspect);
  return { x: home.x, y: top + scrollY, width: home.width, height };
}"""
GOTO = """(detail) => {
  const theatre = document.querySelector(".theatre");
  for (const at of [{ phase: "unfold", t: 0, part: 1 }, detail])
    theatre.dispatchEvent(new CustomEvent("goto", { detail: at }));
}"""
# A canvas makes it small: each pixel is the mean of those it stands for.
APART = """() => {
  document.querySelector(".overview p")?.remove();
  for (const bar of document.querySelectorAll(".transport, .story")) bar.style.position = "static";
  dispatchEvent(new WheelEvent("wheel"));
}"""  # prose, what sticks to an edge of the window, and the way the page follows the story
SMALL = """async ([data, width, height]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  await image.decode();
  const canvas = document.createElement("canvas"), scale = width ? width / image.width : 1;
  [canvas.width, canvas.height] = [width || image.width, height || image.height];
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.fillStyle = "#808080";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(image, 0, 0, Math.round(image.width * scale), Math.round(image.height * scale));
  const all = brush.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let k = 0; k < all.length; k += 8192)
    text += String.fromCharCode(...all.subarray(k, k + 8192));
  return [canvas.height, canvas.width, btoa(text)];
}"""


@dataclass(frozen=True)
class Look:
    """A network at a length, in a window of a width, in a theme."""

    network: str
    steps: int
    width: int
    theme: str

    def __str__(self) -> str:
        return f"{self.network}-{self.steps}-{self.width}-{self.theme}"

    @property
    def sheet(self) -> Path:
        return REFERENCES / f"{self.network}-{self.steps}.png"

    @property
    def place(self) -> tuple[slice, slice]:
        """Where its picture is in its sheet."""
        widths = list(SIZES)
        row = widths.index(self.width)
        top = sum(SIZES[width][1] + GAP for width in widths[:row])
        left = THEMES.index(self.theme) * (max(width for width, _ in SIZES.values()) + GAP)
        wide, high = SIZES[self.width]
        return slice(top, top + high), slice(left, left + wide)


def every_look(network: str, steps: int) -> Iterator[Look]:
    """The nine looks of a sheet."""
    return (Look(network, steps, width, theme) for width in SIZES for theme in THEMES)


def one_each() -> list[Look]:
    """Every network at every length once, with the widths and themes in turn."""
    pairs = [(network, steps) for network in NETWORKS for steps in UNITS]
    widths, count = list(SIZES), len(SIZES)
    return [
        Look(network, steps, widths[(k + k // count) % count], THEMES[(k // 2 + k // count) % len(THEMES)])
        for k, (network, steps) in enumerate(pairs)
    ]


def show(page: Page, network: str, steps: int) -> None:
    """Open the page of a network."""
    sentence = "+".join((WORDS * steps)[:steps])
    asked = {"hidden_size": UNITS[steps], **NETWORKS[network], "hide": HIDDEN}
    page.set_viewport_size({"width": max(SIZES), "height": TALL})
    open_page(page, f"/?sentence={sentence}&" + "&".join(f"{name}={said}" for name, said in asked.items()))
    page.evaluate(APART)


def taken(page: Page, look: Look, canvas: Page) -> Picture:
    """The picture of a look of the network that the page shows. canvas : a page without a policy"""
    page.set_viewport_size({"width": look.width, "height": TALL})
    page.evaluate(WORN, look.theme)
    page.evaluate(SETTLED)
    page.evaluate(GOTO, {"phase": "back", "t": (look.steps + 1) // 2, "part": 1})
    page.evaluate(SETTLED)
    wide, high = SIZES[look.width]
    clip = page.evaluate(CLIP, high / wide)
    return small(canvas, page.screenshot(clip=clip, full_page=True, animations="disabled"), wide, high)


def small(canvas: Page, png: bytes, width: int = 0, height: int = 0) -> Picture:
    """A PNG as an array, made as wide as this and cut or filled up to this height; as it is without."""
    high, wide, data = canvas.evaluate(SMALL, [base64.b64encode(png).decode(), width, height])
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(high, wide, 4)[:, :, :3]


def unlike_its_reference(picture: Picture, look: Look, canvas: Page) -> float:
    """How far a picture is from the one that is kept, seen in the few colours that are kept."""
    whole = small(canvas, look.sheet.read_bytes())
    palette = np.unique(whole.reshape(-1, 3), axis=0)
    return distance(palette[nearest(picture, palette)], whole[look.place])


def blocks(picture: Picture) -> NDArray[np.float64]:
    """The mean colours of blocks of 10 x 10 pixels, (rows, columns, 3): letters are grey haze in them."""
    rows, columns = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
    cut = picture[: rows * BLOCK, : columns * BLOCK].astype(float)
    return np.asarray(cut.reshape(rows, BLOCK, columns, BLOCK, 3).mean(axis=(1, 3)))


def distance(one: Picture, other: Picture) -> float:
    """How unlike two pictures are: the largest of twelve regions' mean differences, 0 to 255.

    The difference of two blocks is that of the channel in which they differ most. A region's mean, not the
    picture's: what is missing in one place is not made up for by the rest.
    """
    unlike = np.abs(blocks(one) - blocks(other)).max(axis=2)
    rows = np.array_split(unlike, REGIONS[0])
    return max(float(part.mean()) for row in rows for part in np.array_split(row, REGIONS[1], axis=1))


def sheet(pictures: dict[Look, Picture]) -> bytes:
    """Pictures side by side as a PNG of few colours."""
    places = {look: look.place for look in pictures}
    high = max(rows.stop for rows, _ in places.values())
    wide = max(columns.stop for _, columns in places.values())
    whole = np.full((high, wide, 3), 128, np.uint8)
    for look, picture in pictures.items():
        whole[places[look]] = picture
    palette = few_colours(whole)
    return png_of(nearest(whole, palette), palette)


def few_colours(whole: Picture) -> Picture:
    """28 of its colours, (28, 3). Flat areas keep theirs, and no hue is lost: the next colour is the one that
    is far from those chosen and that the picture has much of."""
    flat = whole.reshape(-1, 3)
    coarse = (flat >> 4).astype(np.int64) @ [256, 16, 1]
    names, inverse, counts = np.unique(coarse, return_inverse=True, return_counts=True)
    colours = np.array([_commonest(flat[inverse == k]) for k in range(len(names))])
    apart = _apart(colours, colours)
    chosen = [int(counts.argmax())]
    while len(chosen) < min(COLOURS, len(names)):
        chosen.append(int((apart[:, chosen].min(axis=1) * np.sqrt(counts)).argmax()))
    return colours[chosen]


def nearest(picture: Picture, palette: Picture) -> NDArray[np.uint8]:
    """For every pixel the colour of the palette that is most like it."""
    found = [_apart(row, palette).argmin(axis=1) for row in picture]
    return np.array(found, np.uint8)


def _apart(some: Picture, others: Picture) -> NDArray[np.float64]:
    """How far each of some colours is from each of others."""
    one, other = some @ HUES, others @ HUES
    return np.asarray(((one[:, None] - other[None]) ** 2).sum(axis=2))


def _commonest(colours: Picture) -> Picture:
    found, counts = np.unique(colours, axis=0, return_counts=True)
    return np.asarray(found[counts.argmax()])


def png_of(indices: NDArray[np.uint8], palette: Picture) -> bytes:
    """A PNG with a palette."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    high, wide = indices.shape
    rows = b"".join(b"\0" + row.tobytes() for row in indices)
    head = struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def main(*networks: str) -> None:
    """Draw the sheets of these networks anew, without names all of them."""
    from tests.browser.conftest import chromium
    from tests.conftest import serve

    REFERENCES.mkdir(exist_ok=True)
    with serve("--log-level", "warning") as server, chromium() as browser:
        page = browser.new_context(base_url=server.url, reduced_motion="reduce").new_page()
        canvas = browser.new_page()
        for network in networks or NETWORKS:
            for steps in UNITS:
                show(page, network, steps)
                looks = every_look(network, steps)
                drawn = sheet({look: taken(page, look, canvas) for look in looks})
                (REFERENCES / f"{network}-{steps}.png").write_bytes(drawn)


if __name__ == "__main__":
    main(*sys.argv[1:])
