"""A long sentence at a glance."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from app.numerals import short
from app.stage.numbers import GRADIENT_SCALE, colours
from app.stage.overview import DECADES, HALF, WORDS, overview_lines
from app.stage.stage import Stage
from tests.stage.cases import stage_of

BAR = re.compile(r"M(\d+)\.08 [\d.]+v(-?[\d.]+)h")
KINDS: list[dict[str, Any]] = [
    {}, {"cell": "lstm"}, {"cell": "gru"}, {"bidirectional": True}, {"task": "next_word"},
    {"hidden_size": 20},
]  # fmt: skip


def long(words: int = 30, **fields: Any) -> Stage:
    return stage_of(sentence=" ".join(f"w{k}" for k in range(words)), **fields)


def heights(path: str, steps: int) -> np.ndarray:
    """What a path has at each step."""
    found = np.zeros(steps)
    for t, height in BAR.findall(path):
        found[int(t)] = abs(float(height))
    return found


def test_a_sentence_that_its_track_shows_has_no_overview() -> None:
    short_one, long_one = long(WORDS), long(WORDS + 1)
    assert short_one.parts["overview"] == b"" and overview_lines(short_one.run, short_one.shape) == {}
    assert b'class="overview' in long_one.parts["overview"]


@pytest.mark.parametrize("fields", KINDS, ids=str)
def test_every_bar_is_as_high_as_its_step_s_state_and_as_deep_as_its_blame(fields: dict[str, Any]) -> None:
    found = long(**fields)
    drawn = overview_lines(found.run, found.shape)["overview"]
    assert len(drawn) == 2 * len(found.shape.lanes)
    for k, lane in enumerate(found.shape.lanes):
        h = np.abs(found.run.forward.chains[lane.chain].h).max(axis=1)
        assert heights(drawn[2 * k], 30) == pytest.approx(np.maximum(h * HALF, 0.8), abs=0.051)
        blame = found.run.backward.chains[lane.chain].d_h_norm
        decades = np.log10(blame, out=np.full(30, -np.inf), where=blame > 0)
        down = heights(drawn[2 * k + 1], 30)
        assert np.argmax(down) in np.flatnonzero(np.isclose(decades, decades.max(), atol=0.05))
        seen = down > 0.85
        slope = np.polyfit(decades[seen], down[seen], 1)[0]
        assert HALF / DECADES[1] - 0.01 <= slope <= HALF / DECADES[0] + 0.01
        assert down[seen] == pytest.approx(HALF + slope * (decades[seen] - decades.max()), abs=0.1)
        assert ((down > 0) == (blame > 0)).all()


def test_the_words_name_the_ends_of_both_rows() -> None:
    found = long()
    chain = found.run.backward.chains["left_to_right"]
    text = found.parts["overview"].decode()
    for value in (chain.d_h_norm.min(), chain.d_h_norm.max()):
        t = int(np.flatnonzero(chain.d_h_norm == value)[0]) + 1
        assert f"{short(float(value))} at step {t}" in text
    assert 'max="30"' in text and "All 30 steps" in text


@pytest.mark.parametrize("fields", KINDS, ids=str)
def test_how_small_is_said_of_the_gradients_without_a_colour(fields: dict[str, Any]) -> None:
    found = long(**fields)
    chains = found.run.backward.chains
    columns = [(row, t) for lane in found.shape.lanes for t, row in enumerate(chains[lane.chain].d_h, 1)]
    pale = [(np.abs(row).max(), t) for row, t in columns if set(colours(row, GRADIENT_SCALE)) == {"v-0"}]
    size, t = max(pale, key=lambda each: each[0])
    said = found.parts["overview"].decode()
    assert f"In {len(pale)} of the columns no ∂L/∂h passes .025, too little for a colour; " in said
    assert f"the largest of these is {short(float(size))}, at step {t}." in said


def test_nothing_is_said_of_that_where_every_gradient_has_a_colour() -> None:
    grown = stage_of(
        sentence="a " * 13, activation="identity", hidden_size=1, bias="none", corpus="custom",
        vocabulary=["a"], edits=[{"name": "left_to_right.W_hh", "index": [0, 0], "value": 1}],
    )  # fmt: skip
    assert np.abs(grown.run.backward.chains["left_to_right"].d_h).min() > 0.025
    assert b"too little" not in grown.parts["overview"]


def test_a_state_or_a_gradient_of_zero_has_no_bar() -> None:
    found = stage_of(
        sentence="a " * 20, hidden_size=1, activation="relu", bias="none", corpus="custom", vocabulary=["a"],
        edits=[{"name": "left_to_right.W_xh", "index": [0, 0], "value": -1}],
    )  # fmt: skip
    up, down = overview_lines(found.run, found.shape)["overview"]
    assert up == "" and np.flatnonzero(heights(down, 20)).tolist() == [19]
    assert "0 at every step" in found.parts["overview"].decode()
