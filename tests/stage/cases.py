"""Experiments whose stages are tested, and ways to look at what was drawn."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import strategies as st

from app.experiments.experiment import Experiment
from app.experiments.run import run
from app.stage import adds
from app.stage.frame import Frame
from app.stage.sheet import Sheet
from app.stage.stage import Stage, drawn

TWELVE = "the movie was not good but the end of it was great"
TWENTY = " ".join(f"word{k}" for k in range(20))
HOSTILE = "<script>alert(1)</script> \"x' onload=y &amp; ]]> </svg></math> {{7*7}} %s %(t)s \u202egnp.exe"
LECTURE: dict[str, Any] = {"weights": "lecture"}
MOVIE = {"sentence": "movie was not good", "target": 0, **LECTURE}
CAT = {"sentence": "cat mat rat", "corpus": "catmatrat", **LECTURE}
CASES: dict[str, dict[str, Any]] = {
    "movie": MOVIE,
    "cat": CAT,
    "cat, outside": {**CAT, "bias": "outside"},
    "cat, mixed": {**CAT, "bias": "mixed"},
    "movie, no bias": {**MOVIE, "bias": "none"},
    "one word": {"sentence": "good"},
    "one word, late bias": {"sentence": "good", "bias": "outside", "loss": "mse"},
    "one unit": {"sentence": "movie was good", "hidden_size": 1},
    "one word, one unit": {"sentence": "good", "hidden_size": 1, "bias": "mixed", "loss": "mse"},
    "a vocabulary of one": {"sentence": "a a a", "corpus": "custom", "vocabulary": ["a"]},
    "eight units": {"sentence": TWELVE, "hidden_size": 8},
    "nine units": {"sentence": TWELVE, "hidden_size": 9},
    "a hundred units": {"sentence": TWELVE, "hidden_size": 100},
    "relu": {"sentence": TWELVE, "activation": "relu", "hidden_size": 5},
    "sigmoid": {"sentence": TWELVE, "activation": "sigmoid"},
    "identity": {"sentence": TWELVE, "activation": "identity", "loss": "mse"},
    "difference": {"sentence": TWELVE, "loss": "difference", "target": 0},
    "typed state": {"sentence": "movie was bad", "initial_state": [0.1, -0.2, 0.3]},
    "clipped": {"sentence": "movie was bad", "clip_norm": 0.001},
    "no gradient": {"sentence": "good bad", "hidden_size": 1, "activation": "relu", "bias": "none", "edits": [
        {"name": "left_to_right.W_xh", "index": [row, 0], "value": -1} for row in (2, 3)]},
    "nothing left of the step": {"sentence": "movie good", "learning_rate": 1e6, "bias": "outside"},
    "an enormous step": {"sentence": "movie good", "learning_rate": 1e6, "activation": "identity"},
    "saturated": {"sentence": "movie good", "activation": "identity", "edits": [
        {"name": "readout.b_y", "index": [0], "value": 1e6}]},
    "a distant answer": {"sentence": "movie good", "bias": "outside", "loss": "mse", "edits": [
        {"name": "readout.b_y", "index": [0], "value": -1e6}]},
    "hostile": {"sentence": HOSTILE},
    "other scripts": {"sentence": "मराठी भाषा 👩\u200d🏫 teaches naïve café 電影不好看 " + "w" * 300},
    "fifty steps": {"sentence": " ".join(f"w{k}" for k in range(50)), "hidden_size": 2},
    "seventy steps": {"sentence": " ".join(f"w{k % 60}" for k in range(70)), "hidden_size": 2},
    "seventy steps outside": {"sentence": "w " * 70, "hidden_size": 9, "bias": "outside", "loss": "mse"},
    "two ways": {**MOVIE, "weights": "drawn", "bidirectional": True},
    "two ways, late bias": {"sentence": TWELVE, "bidirectional": True, "bias": "mixed", "loss": "mse"},
    "two ways, one word": {"sentence": "good", "bidirectional": True, "hidden_size": 9},
    "two ways, seventy steps": {"sentence": "w " * 70, "bidirectional": True, "hidden_size": 2},
    "many words": {"sentence": "good bad", "corpus": "custom",
        "vocabulary": [*(f"w{k}" for k in range(60)), "good", "bad"]},
}  # fmt: skip
NAMES = tuple(CASES)
GOLDEN = {
    case["id"].partition("-")[0]: case
    for case in json.loads((Path(__file__).parents[1] / "golden/runs.json").read_text())
    if case["experiment"]["cell"] != "elman"
}
LONG = " ".join(f"w{k}" for k in range(40))
GATED: dict[str, dict[str, Any]] = {
    f"{cell}, {name}": {"cell": cell, **fields}
    for cell in ("lstm", "gru")
    for name, fields in {
        "golden": {key: value for key, value in GOLDEN[cell]["experiment"].items() if key != "cell"},
        "one word": {"sentence": "good"},
        "one unit": {"sentence": "movie was good", "hidden_size": 1},
        "eight units": {"sentence": TWELVE, "hidden_size": 8},
        "nine units": {"sentence": TWELVE, "hidden_size": 9},
        "no bias": {"sentence": "movie was good", "bias": "none"},
        "typed state": {"sentence": "movie was bad", "initial_state": [0.1, -0.2, 0.3]},
        "two ways": {"sentence": "movie was not good", "bidirectional": True},
        "closed": {"sentence": LONG, "hidden_size": 2},
        "closed, nine units": {"sentence": LONG, "hidden_size": 9, "bias": "none"},
    }.items()
}


@cache
def stage(name: str) -> Stage:
    return stage_of(**{**CASES, **GATED}[name])


def stage_of(**fields: Any) -> Stage:
    return Stage(run(Experiment(**fields)))


def experiments() -> st.SearchStrategy[dict[str, Any]]:
    """Experiments of every small shape; those that have no finite answer are the caller's to pass over."""
    return st.fixed_dictionaries(
        {
            "sentence": st.lists(
                st.sampled_from("movie was not good bad a the".split()), min_size=1, max_size=7
            ).map(" ".join),
            "hidden_size": st.integers(1, 10),
            "activation": st.sampled_from(("tanh", "sigmoid", "relu", "identity")),
            "bias": st.sampled_from(("inside", "outside", "mixed", "none")),
            "loss": st.sampled_from(("mse", "difference")),
            "target": st.integers(0, 1),
            "initial_state": st.sampled_from(("zeros", "random")),
            "learning_rate": st.sampled_from((1e-6, 0.1, 10.0)),
            "seed": st.integers(0, 1000),
            "bidirectional": st.booleans(),
        }
    )


@cache
def drawing(name: str) -> ElementTree.Element:
    """Everything of a stage but its story, as one tree."""
    return drawing_of(stage(name))


def drawing_of(found: Stage) -> ElementTree.Element:
    """The same of any stage."""
    parts = [body.decode() for part, body in found.parts.items() if part != "story"]
    return ElementTree.fromstring(f"<page>{''.join(parts)}</page>")


@cache
def by_id(name: str) -> dict[str, ElementTree.Element]:
    return {element.attrib["id"]: element for element in drawing(name).iter() if "id" in element.attrib}


def cells(name: str, group: str) -> list[str]:
    """The numbers in the cells of a group."""
    return [
        cell.findtext("text") or ""
        for cell in by_id(name)[group].iter("g")
        if "c" in cell.get("class", "").split()
    ]


def plain(markup: str) -> str:
    """The text of a fragment."""
    return unescape(re.sub(r"<[^>]*>", "", markup))


def frames(name: str, phase: str, t: int | None = None) -> list[Frame]:
    return [frame for frame in stage(name).frames if frame.phase == phase and t in (None, frame.t)]


def named(frame: Frame) -> set[str]:
    """Every id that a frame names."""
    flown = {part for group in frame.fly for move in group for part in move.split(",")}
    slide = set(frame.slide)
    return {*frame.lit, *frame.new, *frame.on, *frame.grow, *frame.sweep} | slide | flown


def directly(found: Stage) -> dict[str, str]:
    """Every part of a stage as it is drawn from the numbers themselves, without a blank."""
    reading = adds.reading(found.run, found.shape)
    sheet = Sheet(reading.index(), map(bytes.decode, reading.strings()))
    return drawn(found.shape, found.sheet, found.frames) | adds.drawn(found.shape, sheet)
