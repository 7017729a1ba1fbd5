"""The name of a part of the picture, read and held against the run it is a part of."""

import re
from dataclasses import dataclass

from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run

_N = "[0-9]{1,6}"
_W = "W_xh|W_hh|b_h|W_hy|b_y"
# The kinds of parts and how their names are spelt. t counts from 1, rows and columns from 0.
_SPELT = (
    ("step", rf"(?P<kind>x|xw|hw|bb|a|f|h|dh|da|fp|a2|h2|h1|yh)-(?P<t>{_N})(?:\.(?P<col>{_N}))?"),
    ("link", rf"(?P<kind>edge|pulse|cross|norm|col)-(?P<t>{_N})"),
    ("jacobian", rf"(?P<kind>jac)-(?P<t>{_N})(?:\.(?P<row>{_N})\.(?P<col>{_N}))?"),
    ("readout", rf"(?P<kind>z|y|dz|dy|sp|z2|y2)(?:\.(?P<col>{_N}))?"),
    ("lone", r"(?P<kind>sigma|loss|loss2|L|fold|edge-y|pulse-y)"),
    ("entry", rf"(?:(?P<kind>tot|step|new)-)?(?P<name>{_W})-(?P<row>{_N})\.(?P<col>{_N})"),
    ("entry", rf"(?P<kind>g)\.(?P<name>{_W})\.(?P<row>{_N})\.(?P<col>{_N})"),
    ("matrix", rf"(?:(?P<kind>tot|step|new)-)?(?P<name>{_W})(?:-(?:all|{_N}))?"),
    ("matrix", rf"(?P<kind>word)-(?P<row>{_N})"),
    ("term", rf"(?P<kind>in|outer)-(?P<name>{_W})-(?P<t>{_N})(?:-(?P<row>{_N}))?\.(?P<col>{_N})"),
    ("factor", rf"(?P<kind>top)-(?P<name>{_W})-(?P<t>{_N})\.(?P<col>{_N})"),
    ("factor", rf"(?P<kind>left)-(?P<name>{_W})-(?P<t>{_N})\.(?P<row>{_N})"),
    ("coin", rf"(?P<kind>slot|coin|bars)-(?P<name>{_W})-(?P<t>{_N}|whole)"),
    ("total", rf"(?P<kind>total|tick|bars)-(?P<name>{_W})"),
)
_READ = tuple((family, re.compile(pattern)) for family, pattern in _SPELT)
_ZEROTH = frozenset({"h"})  # h_0 is on the stage; nothing else has a step 0
LONGEST = 60


@dataclass(frozen=True)
class Part:
    """A part. t: step from 1, 0 when it has none. row, column: from 0, -1 when the name leaves them out."""

    text: str
    family: str
    kind: str
    name: str
    t: int
    row: int
    column: int

    @property
    def group(self) -> str:
        """The group of the parameter."""
        return "readout" if self.name in ("W_hy", "b_y") else "left_to_right"


def read(run: Run, text: str) -> Part:
    """The part a name stands for. Raises ExperimentError naming "part"."""
    for family, pattern in _READ:
        found = pattern.fullmatch(text) if len(text) <= LONGEST else None
        if found:
            return _held_against(run, _part(text, family, found.groupdict()))
    raise _wrong("the name of a part of the picture, such as h-3.1, dh-3.1, W_hh-0.1 or in-W_hh-3-0.1", text)


def _part(text: str, family: str, spelt: dict[str, str | None]) -> Part:
    def whole(key: str) -> int:
        return int(spelt.get(key) or -1) if spelt.get(key) != "0" else 0

    step = spelt.get("t")
    t = int(step) if step and step != "whole" else 0
    return Part(text, family, spelt.get("kind") or "", spelt.get("name") or "", t, whole("row"), whole("col"))


def _wrong(rule: str, text: str) -> ExperimentError:
    return ExperimentError([fault("part", rule, text)])


def _held_against(run: Run, part: Part) -> Part:
    """The part itself when the run has it."""
    steps, units = len(run.words), run.experiment.hidden_size
    if "t" in _keys(part) and part.t != 0 or part.family in ("step", "link", "jacobian", "term", "factor"):
        first = 0 if part.kind in _ZEROTH else 1
        if not first <= part.t <= steps:
            raise _wrong(f"of a step from {first} to {steps}", part.text)
        if part.kind == "yh" and part.t != steps:
            raise _wrong(f"of step {steps}, the only one that the output reads", part.text)
    if part.name and part.name not in run.parameters[part.group]:
        raise _wrong("of a network with biases, as bias is none", part.text)
    if part.kind == "bb" and "b_h" not in run.parameters["left_to_right"]:
        raise _wrong("of a network with biases, as bias is none", part.text)
    _inside(run, part, units)
    if part.kind in ("a2", "h2", "z2", "y2", "loss2") and run.update.loss is None:
        raise _wrong("of a run whose second pass exists; here the update left the domain", part.text)
    return part


def _keys(part: Part) -> str:
    return "t" if part.family == "coin" else ""


def _inside(run: Run, part: Part, units: int) -> None:
    """Rows and columns within what they count."""
    rows, columns = sizes(run, part, units)
    for what, index, count in (("row", part.row, rows), ("column", part.column, columns)):
        if index >= count:
            said = f"row 0 to {count - 1}" if what == "row" else f"{'column' if part.name else 'unit'} 0 to {count - 1}"
            raise _wrong(f"of {said}", part.text)


def sizes(run: Run, part: Part, units: int) -> tuple[int, int]:
    """How many rows and columns the part's array has."""
    if part.kind == "word":
        return len(run.vocabulary), units
    if part.name:
        shape = run.parameters[part.group][part.name].shape
        return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])
    if part.family == "readout":
        return 1, 1
    return units, len(run.vocabulary) if part.kind == "x" else units
