"""The name of a part of the picture, read and held against the run it is a part of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.engine.cells import CELLS
from app.experiments.errors import ExperimentError, fault
from app.experiments.run import Run
from app.stage.chains import FIRST, Chain, chain_of
from app.stage.weights import SUFFIXES, Weight, weights_in, weights_of

_N = "[0-9]{1,6}"
_W = "[Wb]_[a-z]{1,3}(?:_r)?"
_STEM = "[a-z]+[0-9]?(?:_[a-z]{1,2}){0,2}"
# How names are spelt. t counts from 1, rows and columns from 0.
_SPELT = (
    ("step", rf"(?P<kind>{_STEM})-(?P<t>{_N})(?:\.(?P<col>{_N}))?"),
    ("jacobian", rf"(?P<kind>jac(?:_r)?)-(?P<t>{_N})\.(?P<row>{_N})\.(?P<col>{_N})"),
    ("readout", rf"(?P<kind>z|y|dz|dy|sp|z2|y2)(?:\.(?P<col>{_N}))?"),
    ("lone", r"(?P<kind>sigma|loss|loss2|L|fold|edge-y|pulse-y|road|road_r)"),
    ("entry", rf"(?:(?P<kind>tot|step|new)-)?(?P<name>{_W})-(?P<row>{_N})\.(?P<col>{_N})"),
    ("entry", rf"(?P<kind>g)\.(?P<name>{_W})\.(?P<row>{_N})\.(?P<col>{_N})"),
    ("matrix", rf"(?:(?P<kind>tot|step|new)-)?(?P<name>{_W})(?:-(?:all|{_N}))?"),
    ("matrix", rf"(?P<kind>word)(?:_(?P<name>{_W}))?-(?P<row>{_N})"),
    ("term", rf"(?P<kind>in|outer)-(?P<name>{_W})-(?P<t>{_N})(?:-(?P<row>{_N}))?\.(?P<col>{_N})"),
    ("factor", rf"(?P<kind>top)-(?P<name>{_W})-(?P<t>{_N})\.(?P<col>{_N})"),
    ("factor", rf"(?P<kind>left)-(?P<name>{_W})-(?P<t>{_N})\.(?P<row>{_N})"),
    ("coin", rf"(?P<kind>slot|coin|bars)-(?P<name>{_W})-(?P<t>{_N}|whole)"),
    ("total", rf"(?P<kind>total|tick|bars)-(?P<name>{_W})"),
)
_READ = tuple((family, re.compile(pattern)) for family, pattern in _SPELT)
_SECOND = frozenset({"a2", "h2", "c2", "gate2", "z2", "y2", "y2_t", "loss2"})
BIASES = {"bb": "bias", "bias": "bias", "inner": "inner"}  # the roles of biases by the kind of their parts
PLAIN = ("h", "dh", "h1", "h2", "yh", "own")  # one array a chain
LINKS = ("edge", "pulse", "cross", "norm", "col", "jac")  # what lies between the steps
GATES = ("xw", "hw", "a", "da", "a2")  # one array a gate
ELMAN = ("bb", "f", "fp")
GATED = ("bias", "gate", "s", "local", "dg")
APART = ("u", "du")
STATES = {
    "lstm": ("c", "cp", "dc", "th", "c1", "c2", "fc", "ig", "oc", "out", "later", "fdc"),
    "gru": ("hp", "mz", "zh", "zn", "ru", "zdh", "wdh"),
}  # what else stands in an opened cell, one array a chain
ALIASES = {
    "lstm": {"a2": ("c2", 0), "same_oc": ("oc", 0)},
    "gru": {
        "n": ("gate", 2),
        "dn": ("dg", 2),
        "n2": ("gate2", 2),
        "same_mz": ("mz", 0),
        "bias_hn": ("inner", 2),
    },
}  # what the stage draws a second time, or under a name of its own
EVERY_END = ("z", "y", "dz", "dy", "y2", "loss")  # of every step that predicts
WHOLE = -1  # the step of a coin that is paid once
LONGEST = 60


@dataclass(frozen=True)
class Stem:
    """What the beginning of a step's part means: a kind of array, of a gate, of a chain."""

    kind: str
    gate: int = 0
    chain: str = FIRST


@dataclass(frozen=True)
class Part:
    """A part. t: step from 1, 0 when it has none. row, column: from 0, -1 when the name leaves them out.

    name : the key of its weight, or empty. gate, chain : those of its array
    """

    text: str
    family: str
    kind: str
    name: str
    t: int
    row: int
    column: int
    gate: int = 0
    chain: str = FIRST

    def weight(self, run: Run) -> Weight:
        """Its weight."""
        return weights_in(run)[self.name]

    def of(self, run: Run) -> Chain:
        """The chain that it, or its weight, belongs to."""
        return chain_of(run, self.weight(run).group if self.name else self.chain)


@lru_cache(maxsize=64)
def stems(cell: str, chains: tuple[str, ...], per_step: bool) -> dict[str, Stem]:
    """Every beginning of a step's part, and what it means."""
    found = {"x": Stem("x")}
    for chain in chains:
        for name, kind, gate in _stems_of(cell):
            found[name + SUFFIXES[chain]] = Stem(kind, gate, chain)
        if per_step:
            found["beyond" + SUFFIXES[chain]] = Stem("beyond", 0, chain)
    return found | ({name: Stem(f"{name}_t") for name in EVERY_END} if per_step else {})


def _stems_of(cell: str) -> Iterator[tuple[str, str, int]]:
    kind = CELLS[cell]
    for name in (*PLAIN, *LINKS, *STATES.get(cell, ())):
        yield name, name, 0
    if kind.gates == 1:
        yield from ((name, name, 0) for name in (*GATES, *ELMAN))
        return
    yield from ((name, *meant) for name, meant in ALIASES[cell].items())
    for gate, letter in enumerate(kind.gate_names):
        apart = APART if gate == kind.apart else ()
        yield from ((f"{name}_{letter}", name, gate) for name in (*GATES, *GATED, *apart))
        yield f"bb_{letter}", "bias", gate


def read(run: Run, text: str) -> Part:
    """The part a name stands for. Raises ExperimentError naming "part"."""
    known = stems(run.experiment.cell, tuple(run.forward.chains), run.network.per_step)
    for family, pattern in _READ:
        found = pattern.fullmatch(text) if len(text) <= LONGEST else None
        if found is None:
            continue
        spelt = found.groupdict()
        if family not in ("step", "jacobian"):
            return _held_against(run, _part(text, family, spelt))
        stem = known.get(spelt["kind"] or "")
        if stem is not None and (spelt.get("row") or family == "step"):
            return _held_against(run, _part(text, family, spelt, stem))
    raise _wrong("the name of a part of the picture, such as h-3.1, dh-3.1, W_hh-0.1 or in-W_hh-3-0.1", text)


def _part(text: str, family: str, spelt: dict[str, str | None], stem: Stem | None = None) -> Part:
    def whole(key: str) -> int:
        found = spelt.get(key)
        return -1 if found is None else int(found)

    step = spelt.get("t")
    t = WHOLE if step == "whole" else int(step or 0)
    kind = spelt.get("kind") or ""
    name = spelt.get("name") or ("W_xh" if kind == "word" else "")
    stem = stem or Stem(kind)
    family = "jacobian" if stem.kind == "jac" else family
    return Part(text, family, stem.kind, name, t, whole("row"), whole("col"), stem.gate, stem.chain)


def _wrong(rule: str, text: str) -> ExperimentError:
    return ExperimentError([fault("part", rule, text)])


def _held_against(run: Run, part: Part) -> Part:
    """The part itself when the run has it."""
    _known_weight(run, part)
    if part.family in ("step", "jacobian", "term", "factor", "coin") and part.t != WHOLE:
        _in_time(run, part)
    if part.kind in BIASES and part.of(run).weight(BIASES[part.kind], part.gate) is None:
        raise _wrong("other than a bias, as bias is none", part.text)
    if (
        part.family in ("readout", "lone")
        and run.network.per_step
        and part.kind not in ("fold", "loss", "L", "loss2")
    ):
        raise _wrong("of a step, such as z-1.0: every step predicts", part.text)
    if part.family == "term" and part.row < 0 and part.weight(run).role in ("state", "readout"):
        if not part.name.startswith("b"):
            raise _wrong(f"spelt in-{part.name}-step-row.column", part.text)
    _inside(run, part)
    if part.kind in _SECOND and run.update.loss is None:
        raise _wrong(
            "a part of the first pass: here the update leaves the domain, so there is no second", part.text
        )
    return part


def _known_weight(run: Run, part: Part) -> None:
    known = weights_in(run)
    if not part.name or part.name in known:
        return
    biased = weights_of(run.experiment.cell, tuple(run.forward.chains), True, ("W_hy", "b_y"))
    if part.name in biased:
        raise _wrong("other than a bias, as bias is none", part.text)
    raise _wrong(f"of a weight of this network: {', '.join(known)}", part.text)


def _in_time(run: Run, part: Part) -> None:
    steps = len(run.words)
    origin = (
        part.of(run).lane.origin if part.kind in ("h", "c") else 1
    )  # the first states are on the stage, too
    first, last = min(1, origin), max(steps, origin)
    if not first <= part.t <= last:
        raise _wrong(f"at a step from {first} to {last}", part.text)
    end = part.of(run).lane.last if part.kind == "yh" else part.t
    if part.t != end or (part.kind == "yh" and run.network.per_step):
        raise _wrong(f"at step {end}, the only one that the output reads", part.text)
    readout = bool(part.name) and part.weight(run).role == "readout"
    if readout and not run.network.per_step:
        shared = ", ".join(key for key, weight in weights_in(run).items() if weight.role != "readout")
        raise _wrong(f"a part of {shared}: the readout has no steps", part.text)


def _inside(run: Run, part: Part) -> None:
    """Rows and columns within what they count."""
    rows, columns = sizes(run, part)
    for what, index, count in (("row", part.row, rows), ("column", part.column, columns)):
        if index >= count:
            said = (
                f"row 0 to {count - 1}"
                if what == "row"
                else f"{'column' if part.name else 'unit'} 0 to {count - 1}"
            )
            raise _wrong(f"in {said}", part.text)


def sizes(run: Run, part: Part) -> tuple[int, int]:
    """How many rows and columns the part's array has."""
    units = run.experiment.hidden_size
    if part.name:
        shape = part.weight(run).of(run.parameters, units).shape
        return shape[0], shape[1]
    if part.family == "readout" or part.kind.endswith("_t"):
        return 1, run.forward.logit.shape[-1]
    return units, len(run.vocabulary) if part.kind == "x" else units
