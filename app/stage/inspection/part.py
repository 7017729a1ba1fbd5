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
_STEPPED = frozenset({"step", "link", "jacobian", "term", "factor", "coin"})
_SECOND = frozenset({"a2", "h2", "z2", "y2", "loss2"})
CHAIN = "left_to_right"
WHOLE = -1  # the step of a coin that is paid once
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
        return "readout" if self.name in ("W_hy", "b_y") else CHAIN


def read(run: Run, text: str) -> Part:
    """The part a name stands for. Raises ExperimentError naming "part"."""
    for family, pattern in _READ:
        found = pattern.fullmatch(text) if len(text) <= LONGEST else None
        if found:
            return _held_against(run, _part(text, family, found.groupdict()))
    raise _wrong("the name of a part of the picture, such as h-3.1, dh-3.1, W_hh-0.1 or in-W_hh-3-0.1", text)


def _part(text: str, family: str, spelt: dict[str, str | None]) -> Part:
    def whole(key: str) -> int:
        found = spelt.get(key)
        return -1 if found is None else int(found)

    step = spelt.get("t")
    t = WHOLE if step == "whole" else int(step or 0)
    return Part(text, family, spelt.get("kind") or "", spelt.get("name") or "", t, whole("row"), whole("col"))


def _wrong(rule: str, text: str) -> ExperimentError:
    return ExperimentError([fault("part", rule, text)])


def _held_against(run: Run, part: Part) -> Part:
    """The part itself when the run has it."""
    if part.family in _STEPPED and part.t != WHOLE:
        _in_time(part, len(run.words))
    if (part.name and part.name not in run.parameters[part.group]) or (
        part.kind == "bb" and "b_h" not in run.parameters[CHAIN]
    ):
        raise _wrong("other than a bias, as bias is none", part.text)
    if part.family in ("term", "factor") and part.group != CHAIN:
        raise _wrong("a part of W_xh, W_hh or b_h: the readout has no steps", part.text)
    if part.family == "term" and part.name == "W_hh" and part.row < 0:
        raise _wrong("spelt in-W_hh-step-row.column", part.text)
    _inside(run, part, run.experiment.hidden_size)
    if part.kind in _SECOND and run.update.loss is None:
        raise _wrong(
            "a part of the first pass: here the update leaves the domain, so there is no second", part.text
        )
    return part


def _in_time(part: Part, steps: int) -> None:
    first = 0 if part.kind == "h" else 1  # h_0 is on the stage; nothing else has a step 0
    if not first <= part.t <= steps:
        raise _wrong(f"at a step from {first} to {steps}", part.text)
    if part.kind == "yh" and part.t != steps:
        raise _wrong(f"at step {steps}, the only one that the output reads", part.text)
    if part.family == "coin" and part.group != CHAIN:
        raise _wrong("a part of W_xh, W_hh or b_h: the readout has no steps", part.text)


def _inside(run: Run, part: Part, units: int) -> None:
    """Rows and columns within what they count."""
    rows, columns = sizes(run, part, units)
    for what, index, count in (("row", part.row, rows), ("column", part.column, columns)):
        if index >= count:
            said = (
                f"row 0 to {count - 1}"
                if what == "row"
                else f"{'column' if part.name else 'unit'} 0 to {count - 1}"
            )
            raise _wrong(f"in {said}", part.text)


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
