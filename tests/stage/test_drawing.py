"""The drawing: well formed, with unique names, and with the run's own numbers in its cells."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import assume, given, settings

from app.engine.losses import LOSSES
from app.experiments.errors import ExperimentError
from app.numerals import short
from app.stage.bars import stacks_of
from app.stage.numbers import GRADIENT_SCALE, colours, shorts
from tests.stage.cases import (
    CASES,
    HOSTILE,
    NAMES,
    TWENTY,
    by_id,
    cells,
    drawing,
    experiments,
    plain,
    stage,
    stage_of,
)


class Ids(HTMLParser):
    """Every id of a page, in order, and the names of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.elements: Counter[str] = Counter()
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_is_well_formed_and_names_each_part_once(name: str) -> None:
    ids = [element.attrib["id"] for element in drawing(name).iter() if "id" in element.attrib]
    assert [part for part, count in Counter(ids).items() if count > 1] == []


@pytest.mark.parametrize("name", ["movie", "eight units", "hostile", "nine units"])
def test_ids_are_unique_in_the_whole_page(name: str, client: Any) -> None:
    fields = CASES[name]
    page = Ids(client.get("/?" + urlencode(fields)).text)
    assert [part for part, count in Counter(page.ids).items() if count > 1] == []


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("units", [1, 2, 3, 5])
def test_labels_of_the_readout_keep_clear_however_few_units_there_are(units: int, both: bool) -> None:
    text = stage_of(sentence="so it was", hidden_size=units, bidirectional=both).parts["track"].decode()
    drawn = text[text.index('<g id="loss"') :]
    (z,) = re.findall(r'id="z" class="[^"]*" transform="translate\([\d.]+ ([\d.]+)\)', drawn)
    (axis,) = re.findall(r'y="([\d.]+)" text-anchor="middle">ŷ, target', drawn)
    labels = re.findall(r'<text x="[\d.]+" y="([\d.]+)" class="sym [^"]*"[^>]*>([^<]+)<', drawn)
    forward, back = (float(y) for y, name in labels if name == "W")
    sigma = next(float(y) for y, name in labels if name == "σ")
    assert forward < float(z) + 24 < back - 14, "the transpose of W_hy stands below z"
    assert sigma - float(axis) > 14, "σ stands a line below the name of the axis"


def test_bars_keep_their_lengths_where_a_contribution_is_hardly_a_number() -> None:
    zero = [{"name": "left_to_right.W_xh", "index": (i, 0), "value": 0} for i in range(6)]
    fields = {"sentence": "bad so", "task": "next_word", "hidden_size": 1, "bias": "none", "edits": zero}
    found = stage_of(**fields, initial_state=[5e-324], recurrent_radius=1e6)
    stacks = stacks_of(found.run, found.shape)["W_hy"]
    assert 0 < stacks.limit < 1e-308
    assert np.abs(stacks.terms).sum(axis=0).max() == pytest.approx(1.0, rel=1e-2)
    assert not re.search(rb"(?<![a-z])(inf|nan)(?![a-z])", b"".join(found.parts.values()))


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_missing_from_the_drawing(name: str) -> None:
    text = b"".join(stage(name).parts.values()).decode().replace('preserveAspectRatio="none"', "")
    assert not re.search(r"(?i)\b(nan|inf|infinity|none)\b", re.sub(r"<title>.*?</title>", "", text))
    assert "\x02" not in text and "\x03" not in text


@pytest.mark.parametrize("name", [name for name in NAMES if stage(name).shape.geometry.numbered])
def test_every_cell_of_a_column_shows_the_runs_number_in_its_colour(name: str) -> None:
    run = stage(name).run
    forward, back = run.forward, run.backward
    drawn = by_id(name)
    arrays = {
        "a": forward.preactivation,
        "h": forward.h,
        "xw": forward.input_term,
        "hw": forward.recurrent_term,
    }
    arrays |= {"da": back.d_preactivation, "dh": back.d_h, "fp": back.slope}
    for group, array in arrays.items():
        for t in (1, len(run.words)):
            assert cells(name, f"{group}-{t}") == shorts(array[t - 1]), f"{group}-{t}"
    tones = [cell.get("class") for cell in drawn["dh-1"].iter("g") if "c" in cell.get("class", "").split()]
    assert tones == [f"c {tone}" for tone in colours(back.d_h[0], GRADIENT_SCALE)]


def test_the_cards_show_the_weight_its_gradient_the_step_and_the_new_weight() -> None:
    run = stage("movie").run
    weight = run.parameters["left_to_right"]["W_hh"]
    total = run.gradients["left_to_right"]["W_hh"].total
    assert cells("movie", "W_hh-all") == shorts(weight, trim=True)
    assert cells("movie", "tot-W_hh-all") == shorts(total)
    assert cells("movie", "step-W_hh-all") == shorts(-0.1 * total)
    assert cells("movie", "new-W_hh-all") == shorts(weight - 0.1 * total)
    assert cells("movie", "tot-b_y-all") == [short(float(run.gradients["readout"]["b_y"].total[0]))]


def test_a_shared_parameter_has_as_many_bars_as_the_sentence_has_words() -> None:
    """Four for the third review of the movies, twenty for twenty words."""
    assert sum(part.startswith("bars-W_xh-") for part in by_id("movie")) == 4
    twenty = stage_of(sentence=TWENTY).parts["bars W_hh"].decode()
    assert len(re.findall(r'id="bars-W_hh-\d+"', twenty)) == 20


def test_the_first_step_has_no_bar_for_the_state_when_it_starts_from_zeros() -> None:
    assert by_id("cat")["bars-W_hh-1"].get("d") == "" != by_id("cat")["bars-W_hh-2"].get("d")
    assert by_id("typed state")["bars-W_hh-1"].get("d") != ""


@given(experiments())
@settings(max_examples=40, deadline=None)
def test_the_bars_of_an_entry_end_at_its_total(fields: dict[str, Any]) -> None:
    """Each bar starts where the bars of its sign end, so the two stacks' ends differ by the total."""
    try:
        found = stage_of(**fields)
    except ExperimentError:
        assume(False)
    for name in found.shape.shared:
        ends = {}
        for path in re.findall(r'class="bar [^"]*" d="([^"]*)"', found.parts[f"bars {name}"].decode()):
            for y, stop in re.findall(r"M[\d.]+ (\d+)v13H([\d.]+)v-13z", path):
                left, right = ends.get(y, (122.0, 122.0))
                ends[y] = (min(left, float(stop)), max(right, float(stop)))
        ticks = re.findall(r'class="tick" d="M([\d.]+) ', found.parts[f"bars {name}"].decode())
        for k, tick in enumerate(ticks):
            left, right = ends.get(str(24 + 20 * k), (122.0, 122.0))
            assert left + right - 122.0 == pytest.approx(float(tick), abs=0.31)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("target", [0, 1])
def test_the_tangent_has_the_slope_of_the_loss_where_the_run_stands(loss: str, target: int) -> None:
    found = stage_of(sentence="movie good", loss=loss, target=target)
    x, y, tangent = found.sheet.lines["loss here"]
    x0, y0, x1, y1 = map(float, re.findall(r"-?[\d.]+", tangent.replace("L", " ").replace("M", "")))
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((float(x), float(y)), abs=0.11)
    points = [tuple(map(float, point.split())) for point in found.sheet.line("loss curve")[1:].split("L")]
    before, after = max(p for p in points if p[0] < float(x)), min(p for p in points if p[0] > float(x))
    along = (after[1] - before[1]) / (after[0] - before[0])
    assert (y1 - y0) / (x1 - x0) == pytest.approx(along, rel=0.1, abs=0.05)


def test_the_words_head_their_columns_and_the_rows_of_the_weights() -> None:
    assert [
        by_id("movie")[f"x-{t}"].findall("text")[1].text for t in range(1, 5)
    ] == "movie was not good".split()
    assert [by_id("movie")[f"word-{i}"].text for i in range(5)] == "movie was good bad not".split()
    assert by_id("movie")["col-3"].get("aria-label") == "step 3, not"


def test_a_one_hot_code_is_written_digit_by_digit_or_drawn_as_a_ruler() -> None:
    digits = [text.text for text in by_id("movie")["x-3"].iter("text")]
    assert digits[2:7] == ["0", "0", "0", "0", "1"]
    assert [plain(stage("many words").sheet.line("code", i)) for i in (0, 1)] == ["61 of 62", "62 of 62"]
    assert [text.text for text in by_id("a vocabulary of one")["x-1"].iter("text")][2] == "1"


def test_many_words_name_only_the_rows_of_the_sentence() -> None:
    labels = [part for part in by_id("many words") if part.startswith("word-")]
    assert labels == ["word-60", "word-61"]


def test_hostile_words_stay_words(client: Any) -> None:
    page = client.get("/?" + urlencode({"sentence": HOSTILE})).text
    calm = client.get("/?" + urlencode({"sentence": " ".join("a" * len(stage("hostile").run.words))})).text
    found, expected = Ids(page), Ids(calm)
    assert found.elements["script"] == expected.elements["script"]
    assert found.handlers == expected.handlers
    assert set(found.elements) == set(expected.elements)


def test_every_text_of_a_user_is_escaped_in_the_sheet() -> None:
    words = ('<b onx="1">', "a&b", "'\"")
    found = stage_of(sentence="x y z")
    object.__setattr__(found.run, "words", words)
    object.__setattr__(found.run, "vocabulary", (*words, *found.run.vocabulary[3:]))
    text = b"".join(type(found)(found.run).parts.values()).decode()
    assert "<b onx" not in text and "a&b" not in text and "'\"" not in text
    assert "&lt;b onx=&quot;1&quot;&gt;" in text and "a&amp;b" in text


@pytest.mark.parametrize(("name", "key", "letter"), [
    ("cat, outside", "W_hh", "W"), ("nine units", "b_h", "b"), ("two ways", "W_xh_r", "W\u2032"),
])  # fmt: skip
def test_a_card_says_which_of_its_layers_is_on_it(name: str, key: str, letter: str) -> None:
    def said(layer: str) -> list[str | None]:
        texts = by_id(name)[f"{layer}{key}-all"].iter("text")
        return [text.text for text in texts if text.get("class") == "said"]

    assert [said(layer) for layer in ("", "tot-", "step-")] == [[], [f"∂L/∂{letter}"], [f"−η ∂L/∂{letter}"]]
    assert said("new-") == [f"{letter} − η ∂L/∂{letter}"]
