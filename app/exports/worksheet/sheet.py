"""The worksheet of a run: what is given, the tasks in the order of the story, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.engine import OuterSum
from app.engine.cells import CELLS as GATES
from app.engine.network import Array
from app.experiments.run import Run
from app.exports.worksheet.cells import CELLS, Moment, entering
from app.exports.worksheet.frame import STEPS, TWO, lead, left_out
from app.exports.worksheet.grids import MOST, Grid, grid, marked, told
from app.wording.catalogue import N_, _

WIDEST = 12  # entries of the vocabulary up to which a code is written out
CHAINS = {"left_to_right": N_("from left to right"), "right_to_left": N_("from right to left")}
READ_BACK = "W_{hy}T'"  # the readout's weights, turned round
READS_BACK = N_("It starts from the last word: t−1 is the step to the right, t+1 the one to the left.")


@dataclass(frozen=True)
class Task:
    """An exercise. rule: its formula, as HTML. groups: tables that belong together under a typed word."""

    title: str
    rule: str
    groups: tuple[tuple[str, tuple[Grid, ...]], ...]
    note: str = ""


@dataclass(frozen=True)
class Worksheet:
    """A whole sheet. Texts that were typed are words alone; the rest is HTML of our own."""

    words: tuple[str, ...]
    lead: str
    given: tuple[Grid, ...]
    tasks: tuple[Task, ...]
    left_out: tuple[str, ...]


def worksheet(run: Run) -> Worksheet:
    """The sheet of a run; its numbers are the engine's, rounded."""
    makers = (_codes, _counts, _forward, _output, _back, _contributions, _update)
    return Worksheet(
        words=run.words,
        lead=lead(run),
        given=tuple(_given(run)),
        tasks=tuple(task for make in makers for task in make(run)),
        left_out=tuple(left_out(run)),
    )


def steps_asked(count: int) -> list[int]:
    """The steps that are asked, from 0."""
    return list(range(count)) if count <= STEPS else [*range(TWO), *range(count - TWO, count)]


def _given(run: Run) -> Iterator[Grid]:
    """The weights. A large network's W_xh is not needed: its products are given at each step."""
    rows, words = _read(run)
    for group, names in run.parameters.items():
        for name, values in names.items():
            if name == "W_xh" and run.network.hidden_size > MOST:
                continue
            heads, shown = (words, values[rows]) if name == "W_xh" else ((), values)
            for label, part in parts(run, group, name, shown):
                yield grid(label + ARROWS.get(group, ""), part, True, heads)
    yield grid("h_0", run.forward.chain.h_0[0], True)
    if run.forward.chain.c_0 is not None:
        yield grid("c_0", run.forward.chain.c_0[0], True)


def _read(run: Run) -> tuple[list[int], tuple[str, ...]]:
    """The rows of W_xh that the steps asked about pick, and their words."""
    rows = list(dict.fromkeys(run.ids[t] for t in steps_asked(len(run.words))))
    return rows, tuple(run.words[run.ids.index(row)] for row in rows)


ARROWS = {"right_to_left": " (←)"}


def parts(run: Run, group: str, name: str, values: Array) -> list[tuple[str, Array]]:
    """A parameter under its name, or one for each gate."""
    gates, hidden = GATES[run.network.cell].gate_names, run.network.hidden_size
    if group == "readout" or len(gates) == 1 or name == "b_hn":
        return [(name, values)]
    stem = name[:-1] if name.startswith("W") else "b_"
    return [(stem + gate, values[..., k * hidden : (k + 1) * hidden]) for k, gate in enumerate(gates)]


def _codes(run: Run) -> Iterator[Task]:
    entries, (rows, heads) = len(run.vocabulary), _read(run)
    if entries <= WIDEST:
        codes = tuple(tuple(str(int(k == row)) for k in range(entries)) for row in rows)
        rule = _("The vocabulary has {entries} words. Write each word’s one-hot code.", entries=entries)
        yield Task(_("Codes"), rule, (("", (Grid("code", codes, heads, columns=run.vocabulary),)),))
        return
    places = tuple((str(row + 1),) for row in rows)
    rule = _(
        "The vocabulary has {entries} words. At which place is the 1 of each word’s code?", entries=entries
    )
    yield Task(_("Codes"), rule, (("", (Grid("place", places, heads),)),))


def _counts(run: Run) -> Iterator[Task]:
    rows, labels = [], []
    for group, names in run.parameters.items():
        for name, values in names.items():
            shape = values.shape if values.ndim == 2 else (1, *values.shape)
            rows.append((*map(str, shape), str(values.size)))
            labels.append(marked(name + ARROWS.get(group, "")))
    rows.append(("", "", str(run.parameter_count["total"])))
    table = Grid("", tuple(rows), labels=(*labels, "together"), columns=("rows", "columns", "numbers"))
    yield Task(
        _("How many numbers must it learn?"),
        _(
            "Rows times columns for each, then all together. A longer sentence of the same words "
            "needs no more."
        ),
        (("", (table,)),),
    )


def _moments(run: Run, name: str) -> list[Moment]:
    """The steps that are asked, in the order of the walk."""
    forward, backward = run.forward.chains[name], run.backward.chains[name]
    steps = steps_asked(len(run.words))[:: -1 if name == "right_to_left" else 1]
    gaps = [k > 0 and abs(t - steps[k - 1]) > 1 for k, t in enumerate(steps)]
    return [
        Moment(run, forward, backward, t, gaps[k], k + 1 < len(steps) and gaps[k + 1])
        for k, t in enumerate(steps)
    ]


def _title(run: Run, title: str, name: str) -> str:
    return f"{title}, {_(CHAINS[name])}" if run.network.bidirectional else title


def _note(name: str) -> str:
    return _(READS_BACK) if name == "right_to_left" else ""


def _forward(run: Run) -> Iterator[Task]:
    asks = CELLS[run.network.cell]
    for name in run.network.chains:
        groups = tuple(
            (run.words[moment.t], (*entering(moment), *asks.forward(moment)))
            for moment in _moments(run, name)
        )
        yield Task(_title(run, _("Forward"), name), marked(asks.rule(run)), groups, _note(name))


def _output(run: Run) -> Iterator[Task]:
    yield OUTPUTS[run.network.per_step](run)


LOSSES = {
    "bce": "-*y* log *ŷ* - (1 - *y*) log(1 - *ŷ*)",
    "mse": "(*y* - *ŷ*)²",
    "difference": "*y* - *ŷ*",
}


def _one_output(run: Run) -> Task:
    network, forward = run.network, run.forward
    read = "[h_{→}, h_{←}]" if network.bidirectional else f"h_{len(run.words)}"
    b_y = " + b_y" if "b_y" in run.parameters["readout"] else ""
    before, after = (b_y, "") if network.output_bias_inside else ("", b_y)
    rule = f"*z* = {read} W_hy{before}, *ŷ* = σ(*z*){after}, *L* = {LOSSES[network.loss]}"
    grids = (
        grid("*z*", forward.logit, network.hidden_size > MOST),
        grid("*ŷ*", forward.y_hat),
        grid("*L*", np.array([run.loss])),
    )
    return Task(_("Prediction and loss"), marked(rule), (("", grids),))


def _every_output(run: Run) -> Task:
    assert run.losses is not None
    groups: list[tuple[str, tuple[Grid, ...]]] = []
    for t in (t for t in steps_asked(len(run.words)) if t + 1 < len(run.words)):
        chance = run.forward.y_hat[t, [run.ids[t + 1]]]
        grids = grid(_("ŷ_{t} of the next word", t=t + 1), chance), grid(f"L_{t + 1}", run.losses[[t]])
        groups.append((run.words[t], grids))
    groups.append(("", (grid("*L*", np.array([run.loss])),)))
    b_y = " + b_y" if "b_y" in run.parameters["readout"] else ""
    read = "[h_{t→}, h_{t←}]" if run.network.bidirectional else "h_t"
    rule = _(
        "ŷ_t = softmax({read} W_hy{b_y}), L_t = -log ŷ_t of the next word; *L* is their mean "
        "over all words but the last",
        read=read,
        b_y=b_y,
    )
    return Task(_("Predictions and losses"), marked(rule), tuple(groups))


OUTPUTS: dict[bool, Callable[[Run], Task]] = {False: _one_output, True: _every_output}


EACH = N_(
    "; each step’s own prediction adds ∂L/∂z_t {weights}, where ∂L/∂z_t is ŷ_t less the "
    "code of the next word, divided by the number of words that are predicted"
)


def _back(run: Run) -> Iterator[Task]:
    back, asks = run.backward, CELLS[run.network.cell]
    if not run.network.per_step:
        grids = grid("∂L/∂*ŷ*", back.d_y_hat), grid("∂L/∂*z*", back.d_logit)
        rule = marked(
            _("∂L/∂*z* = ∂L/∂*ŷ* σ′(*z*); it goes on to the states by {weights}", weights=READ_BACK)
        )
        yield Task(_("Back through the output"), rule, (("", grids),))
    more = _(EACH, weights=READ_BACK) if run.network.per_step else ""
    for name in run.network.chains:
        moments = reversed(_moments(run, name))
        groups = tuple((run.words[moment.t], tuple(asks.backward(moment))) for moment in moments)
        yield Task(
            _title(run, _("Back through time"), name), marked(asks.back(run) + more), groups, _note(name)
        )


def _contributions(run: Run) -> Iterator[Task]:
    """Of W_hh and b_h; of several gates the first one's part."""
    all_asked = len(run.words) <= STEPS
    for name in run.network.chains:
        groups: list[tuple[str, tuple[Grid, ...]]] = []
        totals: list[Grid] = []
        gradients = [(key, run.gradients[name][key]) for key in ("W_hh", "b_h") if key in run.gradients[name]]
        for t in steps_asked(len(run.words)):
            found = (_first_part(run, name, key, _term(gradient, t)) for key, gradient in gradients)
            groups.append((run.words[t], tuple(grid(f"∂L/∂{label}", part) for label, part in found)))
        for key, gradient in gradients:
            label, part = _first_part(run, name, key, gradient.total)
            totals.append(grid(_("∂L/∂{label}, all steps", label=label), part, not all_asked))
        title = _title(run, _("What each step adds"), name)
        yield Task(title, marked(_(ADDS)), (*groups, ("", tuple(totals))), _note(name))


ADDS = N_(
    "Each step uses its own copy of the weights. What it adds to the gradient of W_hh is "
    "h_{t-1}T' times what came back to h_{t-1} W_hh; to that of b_h, what came back to "
    "where b_h was added. The parts of all steps add up."
)


def _first_part(run: Run, group: str, name: str, values: Array) -> tuple[str, Array]:
    return parts(run, group, name, values)[0]


def _term(gradient: OuterSum, t: int) -> Array:
    """What step t adds, of a parameter but W_xh."""
    right: Array = gradient.right[t, 0]
    if gradient.left is None:
        return right
    assert isinstance(gradient.left, np.ndarray)
    term: Array = np.outer(gradient.left[t, 0], right)
    return term


def _update(run: Run) -> Iterator[Task]:
    update, clipped = run.update, run.experiment.clip_norm is not None
    grids = []
    for group, names in update.parameters.items():
        for name in (name for name in names if name != "W_xh"):
            label, part = _first_part(run, group, name, names[name])
            grids.append(grid(_("new {label}{group}", label=label, group=ARROWS.get(group, "")), part))
    if update.loss is not None:
        grids.append(grid(_("loss after the step"), np.array([update.loss]), True))
    rule = f"*W* ← *W* - *η*{' *s*' if clipped else ''} ∂L/∂*W*"
    if clipped:
        rule += _(
            ", where *s* = {clip_scale} makes the gradient no longer than it may be",
            clip_scale=told(update.clip_scale),
        )
    yield Task(_("One step downhill"), marked(rule), (("", tuple(grids)),))
