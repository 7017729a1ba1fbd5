"""What several parts say alike: the sum that is a_t, the way back through f, a whole vector."""

from app.engine.network import Array
from app.experiments.run import Run
from app.stage.cells.elman_forward import FUNCTION
from app.stage.inspection.contents import (
    Block,
    Inspection,
    at,
    line,
    named,
    of,
    sub,
)
from app.stage.inspection.part import CHAIN, Part
from app.stage.ledger_cells import cells

SLOPES = {"tanh": "1 − f(a)²", "sigmoid": "f(a)(1 − f(a))", "relu": "1 above 0, else 0", "identity": "1"}


def biased(run: Run, t: int) -> str:
    """Where step t has its bias: inside, outside or none."""
    if "b_h" not in run.parameters[CHAIN]:
        return "none"
    return "inside" if bool(run.forward.bias_inside[t - 1]) else "outside"


def forward_block(run: Run, t: int, unit: int) -> Block:
    """The sum that is a_t, and f of it."""
    forward, i, place = run.forward, t - 1, biased(run, t)
    name = FUNCTION[run.experiment.activation]
    lines = [
        line(
            f"row of {named(run.tokens[i])} in {of('W_xh')}",
            float(forward.input_term[i, unit]),
            f"W_xh-{run.ids[i]}.{unit}",
        ),
        line(
            f"+ {sub('h', t - 1)} · {of('W_hh')}, column {unit + 1}",
            float(forward.recurrent_term[i, unit]),
            f"hw-{t}.{unit}",
        ),
    ]
    bias = float(run.parameters[CHAIN]["b_h"][unit]) if place != "none" else 0.0
    if place == "inside":
        lines.append(line(f"+ {of('b_h')}", bias, f"b_h-0.{unit}"))
    lines.append(line(sub("a", t), float(forward.preactivation[i, unit]), f"a-{t}.{unit}", strong=True))
    if place == "outside":
        lines.append(line(f"{name}({sub('a', t)})", float(forward.activated[i, unit]), f"f-{t}.{unit}"))
        lines.append(line(f"+ {of('b_h')}, outside f", bias, f"b_h-0.{unit}"))
    after = f"{sub('h', t)} = {name}({sub('a', t)})" + (f" + {of('b_h')}" if place == "outside" else "")
    lines.append(line(after, float(forward.h[i, unit]), f"h-{t}.{unit}", strong=True))
    return Block("Forward", "fw", tuple(lines))


def backward_block(run: Run, t: int, unit: int) -> Block:
    """What came back to the unit, times its slope."""
    back, i = run.backward, t - 1
    return Block(
        "Backward",
        "bw",
        (
            line(f"∂L/∂{sub('h', t)}", float(back.d_h[i, unit]), f"dh-{t}.{unit}"),
            line(
                f"× f′({sub('a', t)}) = {slope_words(run, t)}", float(back.slope[i, unit]), f"fp-{t}.{unit}"
            ),
            line(f"= {sub('δ', t)}", float(back.d_preactivation[i, unit]), f"da-{t}.{unit}", strong=True),
        ),
    )


def slope_words(run: Run, t: int) -> str:
    """f′ by what is on the stage: with the bias outside, h is not f(a)."""
    if biased(run, t) == "outside":
        return {"tanh": "1 − (h − b)²", "sigmoid": "(h − b)(1 − h + b)"}.get(
            run.experiment.activation, SLOPES[run.experiment.activation]
        )
    return {"tanh": "1 − h²", "sigmoid": "h(1 − h)"}.get(
        run.experiment.activation, SLOPES[run.experiment.activation]
    )


def bias_note(run: Run, t: int) -> tuple[str, ...]:
    """E3 and E4: the notes put the bias in three places."""
    if biased(run, t) == "outside":
        return (
            "E3: the bias stands outside f here, as on the notes’ BPTT page, so h may leave the range of "
            "f, and "
            f"f′ is {slope_words(run, t)}, not of h alone (E4).",
        )
    return (
        (
            "E3: the notes write the bias outside f at t = 1 and inside later. Here it is inside at every "
            "step.",
        )
        if (t == 1 and run.experiment.bias == "inside")
        else ()
    )


def many(run: Run, part: Part, title: str, what: str, values: Array, scale: float | None) -> Inspection:
    """A whole vector: every number opens."""
    numbers = [f"{part.kind}-{part.t}.{k}" for k in range(len(values))]
    grid = cells(numbers, values, min(4, len(values)), f"{part.kind} at step {part.t}", scale)
    return Inspection(
        part.text, title, what, when=at(run, part.t), blocks=(Block(f"{len(values)} units", "", (), grid),)
    )
