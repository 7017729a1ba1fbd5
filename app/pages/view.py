"""How a page is looked at: what is hidden, locked or embedded, in which theme, from which frame on.

None of it is part of the question. The experiment, its canonical address and the API know nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from app.experiments.errors import ExperimentError, FieldError, fault
from app.experiments.experiment import Experiment
from app.experiments.query import encoded, to_query
from app.pages.form import CONTROLS
from app.stage.frame import PHASES, Frame
from app.wording.catalogue import ENGLISH, LANGUAGES, N_

NAMES = ("hide", "lock", "embed", "view", "lang", "at")
TEXT = "text"
THEMES = ("light", "dark", "projector")
ASIDE = {
    "bars": N_("What each step adds"),
    "highway": N_("How open is the highway?"),
    "credit": N_("Which loss blames which step"),
    "inspector": N_("Inspector"),
    "ledger": N_("Ledger"),
    "labs": N_("Hands on"),
    "charts": N_("Charts"),
    "panels": N_("Panels below"),
}
FIELDS = tuple(name for name, _, _ in CONTROLS)
CHANGING = ("examples", "labs", "compare")  # these lead to other experiments: a locked page is without them
# What can be hidden, and what it is called. `rail` stands for every field of it.
HIDEABLE = {
    "sentence": N_("Sentence"),
    "target": N_("Target"),
    "rail": N_("All settings"),
    **{name: label for name, label, _ in CONTROLS},
    "examples": N_("Examples"),
    "tools": N_("Theme and help"),
    "cards": N_("Weight cards"),
    "transport": N_("Playback"),
    "links": N_("Links"),
    "compare": N_("Compare"),
    "take": N_("Take along"),
    **ASIDE,
}
_AT = re.compile(r"([a-z]+)(?:\.([0-9]{1,4}))?(?:\.([0-9]{1,4}))?", re.ASCII)


class Moment(NamedTuple):
    """A frame by name: t from 1, 0 where no step is meant; part from 1. None is the first there is."""

    phase: str
    t: int | None = None
    part: int | None = None

    def __str__(self) -> str:
        return ".".join(str(value) for value in self if value is not None)


@dataclass(frozen=True)
class View:
    """One way to look at a run.

    hide : what is not shown; its values stay in the address. lock : whether nothing can be changed.
    embed : what is shown beside the bare stage inside another page, None for a whole page.
    theme : one that wins over the reader's own, or "". text : the story as sentences and tables.
    lang : the language of the page, "" for English. at : the first frame.
    """

    hide: tuple[str, ...] = ()
    lock: bool = False
    embed: tuple[str, ...] | None = None
    theme: str = ""
    text: bool = False
    lang: str = ""
    at: Moment | None = None

    @property
    def embedded(self) -> bool:
        return self.embed is not None

    def hides(self, name: str) -> bool:
        """Whether a control or a part of the page is left out."""
        if name in self.hide or (name in FIELDS and "rail" in self.hide):
            return True
        if self.lock and name in CHANGING:
            return True
        return self.embed is not None and name in ASIDE and name not in self.embed

    @cached_property
    def hidden_fields(self) -> frozenset[str]:
        """The fields of the question that have no control here."""
        return frozenset(name for name in ("sentence", "target", *FIELDS) if self.hides(name))

    def pairs(self) -> list[tuple[str, str]]:
        """What its address says beside the question, without the first frame: that is left after a change."""
        embed = None if self.embed is None else ",".join(self.embed) or "1"
        said = {
            "hide": ",".join(self.hide),
            "lock": "1" if self.lock else "",
            "embed": embed or "",
            "view": TEXT if self.text else self.theme,
            "lang": self.lang,
        }
        return [(name, text) for name, text in said.items() if text]

    @cached_property
    def tail(self) -> str:
        """What follows an experiment's query in an address."""
        said = encoded(self.pairs())
        return f"&{said}" if said else ""

    def query(self, experiment: Experiment) -> str:
        """The canonical query of an experiment with this view of it."""
        return to_query(experiment) + self.tail

    def address(self, experiment: Experiment, root: str = "") -> str:
        """The page of an experiment in this view."""
        return f"{root.rstrip('/')}/?{self.query(experiment)}"

    def spoken_in(self, language: str) -> View:
        """The same in a language."""
        return replace(self, lang="" if language == ENGLISH else language)

    @property
    def spoken_tail(self) -> str:
        """What of that says the language."""
        return f"&lang={self.lang}" if self.lang else ""

    def home(self, root: str) -> str:
        """The address to begin from, in the language of this one."""
        return f"{root}/?lang={self.lang}" if self.lang else f"{root}/"


PLAIN = View()


def without(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs that are no part of a view."""
    return [(name, text) for name, text in pairs if name not in NAMES]


def read(pairs: Sequence[tuple[str, str]]) -> View:
    """The view of an address. A form's boxes give `hide` and `embed` several times.

    Raises ExperimentError.
    """
    said: dict[str, list[str]] = {}
    for name, text in pairs:
        if name in NAMES and text:
            said.setdefault(name, []).append(text)
    if not said:
        return PLAIN
    for name in ("lock", "view", "lang", "at"):
        if len(said.get(name, ())) > 1:
            many = len(said[name])
            raise ExperimentError([FieldError(name, f"{name} must be given once, got {many} values", many)])
    spoken = _one_of("lang", said, ("", *LANGUAGES))
    shown = _one_of("view", said, ("", "stage", *THEMES, TEXT))
    return View(
        hide=_some_of("hide", said.get("hide", []), HIDEABLE),
        lock=_one_of("lock", said, ("", "0", "1")) == "1",
        embed=_embed(said.get("embed", [])),
        theme=shown if shown in THEMES else "",
        text=shown == TEXT,
        lang="" if spoken == ENGLISH else spoken,
        at=_moment(said["at"][0]) if "at" in said else None,
    )


def _one_of(name: str, said: dict[str, list[str]], allowed: tuple[str, ...]) -> str:
    text = said.get(name, [""])[0]
    if text not in allowed:
        raise ExperimentError([fault(name, _listed([value for value in allowed if value]), text)])
    return text


def _some_of(name: str, texts: list[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """The names in the order of those allowed, each once."""
    asked = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    known = list(allowed)
    wrong = [part for part in asked if part not in known]
    if wrong:
        raise ExperimentError([fault(name, f"some of {', '.join(known)}", wrong[0])])
    return tuple(part for part in known if part in asked)


def _embed(texts: list[str]) -> tuple[str, ...] | None:
    if texts in ([], ["0"]):
        return None
    return tuple(part for part in _some_of("embed", texts, ("1", *ASIDE)) if part != "1")


def _moment(text: str) -> Moment:
    found = _AT.fullmatch(text)
    if found is None or found[1] not in PHASES:
        raise ExperimentError(
            [fault("at", f"phase.step.part, such as back.3.1, with a phase of {', '.join(PHASES)}", text)]
        )
    phase, t, part = found.groups()
    return Moment(phase, None if t is None else int(t), None if part is None else int(part))


def frame_at(moment: Moment, frames: Sequence[Frame]) -> Moment:
    """The frame that is meant, in full. Raises ExperimentError when this run has none such."""
    for frame in frames:
        there = (frame.phase, frame.t, frame.part)
        if all(wanted in (None, value) for wanted, value in zip(moment, there, strict=True)):
            return Moment(*there)
    steps = sorted({frame.t for frame in frames if frame.phase == moment.phase})
    rule = f"a frame of this run: {moment.phase} has the steps {steps[0]} to {steps[-1]}"
    if moment.t in steps:
        parts = max(frame.part for frame in frames if (frame.phase, frame.t) == (moment.phase, moment.t))
        rule = f"a frame of this run: {moment.phase}.{moment.t} has the parts 1 to {parts}"
    raise ExperimentError([fault("at", rule, str(moment))])


def _listed(values: Sequence[str]) -> str:
    return " or ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else values[0]
