"""The coins that the page makes from a drawing, as `static/js/coins.js` does: each part with its cells."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, takewhile
from xml.etree import ElementTree

Tree = ElementTree.Element
Cells = list[tuple[str, str]]


def minted(drawing: Tree) -> dict[str, Cells]:
    """Every part of every coin by its name, with colours and texts; a coin itself has no cells of its own."""
    named = {element.attrib["id"]: element for element in drawing.iter() if "id" in element.attrib}
    found: dict[str, Cells] = {}
    for card in drawing.iter("svg"):
        for mould in card.findall("g[@class='layer coin mould']"):
            key = card.attrib["id"]
            for t in takewhile(lambda t, key=key: f"slot-{key}-{t}" in named, count(1)):
                found[f"coin-{key}-{t}"] = []
                if "data-blame" in mould.attrib:
                    found |= faces(named, key, t, mould.attrib)
    return found


def faces(named: Mapping[str, Tree], key: str, t: int, mould: Mapping[str, str]) -> dict[str, Cells]:
    """The parts of a coin that shows numbers."""
    rows = list(named[f"{key}-all"])
    width = len(rows[0])
    arrays = mould["data-blame"].split()
    blamed = step(named, arrays[t - 1] if len(arrays) > 1 else arrays[0], t, width)
    if "data-seen" not in mould:
        return {f"in-{key}-{t}": blamed}
    before = t + int(mould["data-before"])
    states = [step(named, array, before, len(rows)) for array in mould["data-seen"].split()]
    found = {f"top-{key}-{t}": blamed, f"left-{key}-{t}": [cell for state in states for cell in state]}
    products = pairs(mould.get("data-products", ""))[(t - 1) * width * len(rows) :]
    for i in range(len(rows) if products else 0):
        found[f"in-{key}-{t}-{i}"] = products[i * width : (i + 1) * width]
    return found


def step(named: Mapping[str, Tree], array: str, t: int, width: int) -> Cells:
    """Step t of an array: from where it stands, else from the list of what nothing else shows."""
    if f"{array}-{t}" not in named:
        return pairs(named[f"all-{array}"].attrib["value"])[(t - 1) * width : t * width]
    cells = [cell for cell in named[f"{array}-{t}"].iter("g") if "c" in cell.get("class", "").split()]
    return [(cell.attrib["class"].split()[1], cell.findtext("text") or "") for cell in cells]


def pairs(text: str) -> Cells:
    tokens = text.split()
    return list(zip(tokens[::2], tokens[1::2], strict=True))
