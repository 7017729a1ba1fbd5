"""The scenes of the gradient: back through the output, through time, the sum, the update, and again."""

from collections.abc import Iterator

import numpy as np

from app.engine.trace import Array
from app.experiments.run import Run
from app.stage.formulas import (
    WHOLE,
    d,
    display,
    frac,
    hat_y,
    matrix,
    num,
    op,
    row,
    units,
    upright,
    var,
    vector,
)
from app.stage.forward_scenes import output_slope, quoted, sub
from app.stage.frame import Frame
from app.stage.numbers import long, short
from app.stage.sheet import Sheet

NAMES = {"W_xh": "W<sub>xh</sub>", "W_hh": "W<sub>hh</sub>", "b_h": "b<sub>h</sub>"}


def _symbol(name: str) -> str:
    letter, index = name.split("_")
    return var(letter, index)


def _shared(run: Run) -> list[str]:
    return list(run.parameters["left_to_right"])


def outback(sheet: Sheet) -> Iterator[Frame]:
    """Times sigma', the fork to W_hy and b_y, and on to h_T."""
    run = sheet.run
    steps, back, forward = len(run.words), run.backward, run.forward
    slope, d_z, d_y = output_slope(run), float(back.d_logit[0]), float(back.d_y_hat[0])
    short_cut = run.experiment.loss == "bce" and forward.output_bias_inside
    neat = f" For cross-entropy this is simply \u0177 \u2212 y = {long(d_z)}." if short_cut else ""
    yield Frame(
        "outback", steps, 1, 3, "Back through \u03c3.",
        f"The slope of \u03c3 at z is {long(slope)}. The blame on z is the blame on \u0177 times that slope.{neat}",
        display(d("<mi>L</mi>", "<mi>z</mi>"), op("="), d("<mi>L</mi>", hat_y()), op("\u00b7"), var("\u03c3", "", "\u2032"), op("="),
                num(d_y, "b"), op("\u00b7"), num(slope), op("="), num(d_z, "b")),
        lit=("dy", "sp", "dz"), new=("sp", "dz"), fly=(("dy,dy,dz",),),
    )  # fmt: skip
    has_bias = "b_y" in run.parameters["readout"]
    total = run.gradients["readout"]["W_hy"].total
    coins = ("slot-W_hy-whole", "slot-b_y-whole") if has_bias else ("slot-W_hy-whole",)
    layers = ("tot-W_hy-all", "tot-b_y-all") if has_bias else ("tot-W_hy-all",)
    yield Frame(
        "outback", steps, 2, 3, "A fork: the output pays at once.",
        f"W<sub>hy</sub>{' and b<sub>y</sub>' if has_bias else ''} act once, at the end, so the whole gradient arrives now: "
        f"{sub('h', steps)} times the blame on z. No step of time stands in between.",
        display(d("<mi>L</mi>", var("W", "hy")), op("="), var("h", steps, "\u22a4"), d("<mi>L</mi>", "<mi>z</mi>"), op("="),
                upright(sheet.h.texts[-1], "f"), num(d_z, "b"), op("="), upright(total.ravel(), "b")),
        lit=(f"h-{steps}", "dz", "W_hy", *coins), new=coins, on=layers, fly=(tuple(f"{c},dz,{c}" for c in coins),),
    )  # fmt: skip
    yield Frame(
        "outback", steps, 3, 3, "On to the last state.",
        f"{sub('h', steps)} is blamed through the same weights that carried it out: unit by unit, the blame on z times W<sub>hy</sub>. "
        f"Its size is {long(float(back.d_h_norm[-1]))}.",
        display(d("<mi>L</mi>", var("h", steps)), op("="), d("<mi>L</mi>", "<mi>z</mi>"), var("W", "hy", "\u22a4"), op("="), vector(sheet.d_h.texts[-1], "b")),
        lit=("dz", "pulse-y", f"dh-{steps}", "W_hy-all"), new=("pulse-y", f"dh-{steps}", f"norm-{steps}"), grow=("pulse-y",),
    )  # fmt: skip


def back(sheet: Sheet) -> Iterator[Frame]:
    """Every step from the last to the first: shrink through f', pay the coins, cross W_hh^T."""
    run = sheet.run
    for t in range(len(run.words), 0, -1):
        parts = 3 if t > 1 else 2
        yield _shrink(sheet, t, parts)
        yield _pay(sheet, t, parts)
        if t > 1:
            yield _cross(sheet, t)


def chain(run: Run, t: int) -> str:
    """The chain of factors that has been walked down to h_t."""
    steps = len(run.words)
    factors = [d("<mi>L</mi>", hat_y()), d(hat_y(), var("h", steps))]
    walked = range(steps, t, -1)
    shown = list(walked) if len(walked) <= 4 else [steps, steps - 1, 0, t + 1]
    factors += [d(var("h", k), var("h", k - 1)) if k else "<mo>\u22ef</mo>" for k in shown]
    return op("\u00b7").join(factors)


def _shrink(sheet: Sheet, t: int, parts: int) -> Frame:
    run = sheet.run
    back, i = run.backward, t - 1
    before, after = float(back.d_h_norm[i]), float(back.d_preactivation_norm[i])
    ratio = f"{after / before:.3f}".lstrip("0") if before > 0 else "0"
    return Frame(
        "back", t, 1, parts, "Through the slope of f.",
        f"At {quoted(run, t)}, each unit's blame is multiplied by the slope of f where that unit stood. The pulse goes from "
        f"{short(before)} to {short(after)}, a factor of {ratio}.",
        display(var("\u03b4", t), op("="), d("<mi>L</mi>", var("h", t)), op("\u2299"), var("f", "", "\u2032"), op("("), var("a", t), op(")"), op("="),
                units(sheet.d_h.texts[i], "b"), op("\u2299"), units(list(sheet.slope[i])), op("="), units(sheet.d_a.texts[i], "b")),
        lit=(f"dh-{t}", f"fp-{t}", f"da-{t}", f"pulse-{t}"), new=(f"fp-{t}", f"da-{t}", f"pulse-{t}"),
        fly=((f"dh-{t},dh-{t},da-{t}",),), grow=(f"pulse-{t}",),
    )  # fmt: skip


def _pay(sheet: Sheet, t: int, parts: int) -> Frame:
    run = sheet.run
    back, forward, i = run.backward, run.forward, t - 1
    names = _shared(run)
    coins = tuple(f"coin-{n}-{t}" for n in names)
    slots = tuple(f"slot-{n}-{t}" for n in names)
    bars = tuple(f"bars-{n}-{t}" for n in names)
    targets = {"W_xh": f"in-W_xh-{t}", "W_hh": f"top-W_hh-{t}", "b_h": f"in-b_h-{t}"}
    delta = sub("\u03b4", t)
    product = np.outer(forward.h_prev[i], back.d_preactivation[i])
    if not forward.h_prev[i].any():
        about = f"{sub('h', t - 1)} is zero, so this step pays exactly 0 to W<sub>hh</sub>: its coin is empty."
    else:
        about = f"What it saw, {sub('h', t - 1)}, times what it is blamed for, {delta}, is its coin for W<sub>hh</sub>."
    fly = (
        (*(f"da-{t},da-{t},{targets[n]}" for n in names), f"h-{t - 1},h-{t - 1},left-W_hh-{t}"),
        tuple(f"{s},{c},{s}" for s, c in zip(slots, coins, strict=True)),
    )
    return Frame(
        "back", t, 2, parts, f"Step {t} pays in.",
        f"{about} W<sub>xh</sub> gets {delta} in the row of {quoted(run, t)} alone.",
        display("<msub>", row(op("("), frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{var('W', 'hh')}"), op(")")), f"<mn>{t}</mn></msub>",
                op("="), var("h", t - 1, "\u22a4"), var("\u03b4", t), op("="), upright(sheet.before(t), "f"),
                vector(sheet.d_a.texts[i], "b"), *((op("="), matrix(product)) if len(product) <= WHOLE else ())),
        lit=(f"da-{t}", f"h-{t - 1}", f"x-{t}", *coins, *slots, *bars), new=(*slots, *bars), on=coins, fly=fly,
    )  # fmt: skip


def _cross(sheet: Sheet, t: int) -> Frame:
    run = sheet.run
    back = run.backward
    before, after = float(back.d_preactivation_norm[t - 1]), float(back.d_h_norm[t - 2])
    delta = sub("\u03b4", t)
    change = "grows" if after > before else "shrinks"
    return Frame(
        "back", t, 3, 3, "One step back in time.",
        f"{delta} crosses the recurrent weights the other way, and becomes the blame on {sub('h', t - 1)}. "
        f"The pulse {change} from {short(before)} to {short(after)}.",
        display(d("<mi>L</mi>", var("h", t - 1)), op("="), var("\u03b4", t), var("W", "hh", "\u22a4"), op("="), vector(sheet.d_h.texts[t - 2], "b"))
        + display(d("<mi>L</mi>", var("h", t - 1)), op("="), chain(run, t - 1)),
        lit=(f"da-{t}", f"cross-{t}", f"dh-{t - 1}", "W_hh-all", f"col-{t - 1}"),
        new=(f"cross-{t}", f"dh-{t - 1}", f"norm-{t - 1}"), grow=(f"cross-{t}",),
    )  # fmt: skip


def accumulate(sheet: Sheet) -> Iterator[Frame]:
    """The coins of each shared parameter add up, entry by entry, to its gradient."""
    run = sheet.run
    names, steps = _shared(run), len(run.words)
    for k, name in enumerate(names, 1):
        outer = run.gradients["left_to_right"][name]
        total = np.atleast_2d(outer.total)
        slots = tuple(f"slot-{name}-{t}" for t in range(steps, 0, -1))
        done = tuple(f"tot-{n}-all" for n in names[:k])
        summed = row(frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{_symbol(name)}"))
        yield Frame(
            "accumulate", 0, k, len(names), f"{steps} coin{'s' if steps > 1 else ''}, one gradient.",
            f"{NAMES[name]} is one matrix, used {steps} time{'s' if steps > 1 else ''}: its gradient is the sum of what every step paid, "
            f"entry by entry. Coins can cancel, so the norms {_norms(outer.norms)} do not add up to {short(float(np.linalg.norm(total)))}.",
            display(summed, op("="), "<munderover><mo>\u2211</mo><mrow><mi>t</mi><mo>=</mo><mn>1</mn></mrow>", f"<mn>{steps}</mn></munderover>",
                    "<msub>", row(op("("), summed, op(")")), "<mi>t</mi></msub>", op("="), matrix(total, "b")),
            lit=(name, *slots, *done, f"total-{name}", f"tick-{name}"), new=(f"total-{name}", f"tick-{name}"), on=done,
            fly=(tuple(f"{s},{s},tot-{name}-all" for s in slots[:8]),),
        )  # fmt: skip


def _norms(norms: Array) -> str:
    shown = [short(float(n)) for n in norms]
    return ", ".join(shown if len(shown) <= 5 else [*shown[:3], "\u2026", shown[-1]])


def update(sheet: Sheet) -> Iterator[Frame]:
    """-eta g slides into the one card; only now does a weight change."""
    run = sheet.run
    change, eta = run.update, run.experiment.learning_rate
    cards = [*_shared(run), "W_hy"] + (["b_y"] if "b_y" in run.parameters["readout"] else [])
    steps, news = tuple(f"step-{n}-all" for n in cards), tuple(f"new-{n}-all" for n in cards)
    clipped = ""
    if change.clip_scale < 1.0:
        clipped = f" The gradient was clipped first: all of it times {long(change.clip_scale)}."
    heaps = [f"total-{n}" for n in _shared(run)] + [f"slot-{n}-whole" for n in cards[len(_shared(run)) :]]
    yield Frame(
        "update", 0, 1, 2, "A small step downhill.",
        f"Every gradient is turned round and scaled by \u03b7 = {long(eta)}.{clipped} Until now no weight has moved: all steps used the same numbers.",
        display(op("\u2212"), var("\u03b7"), d("<mi>L</mi>", var("W", "hh")), op("="), op("\u2212"), num(eta), op("\u00b7"),
                matrix(run.gradients["left_to_right"]["W_hh"].total, "b")),
        lit=(*cards, *steps), on=steps,
        fly=(tuple(f"{s},{h},{s}" for s, h in zip(steps, heaps, strict=True)),),
    )  # fmt: skip
    columns = tuple(f"col-{t}" for t in range(1, len(run.words) + 1))
    yield Frame(
        "update", 0, 2, 2, "One card changes, every copy changes.",
        f"The new weights are old \u2212 \u03b7 \u00d7 gradient. All {len(run.words)} copies read the same card, so all of them change at once.",
        display(var("W", "hh"), op("\u2190"), var("W", "hh"), op("\u2212"), var("\u03b7"), d("<mi>L</mi>", var("W", "hh")), op("="),
                matrix(change.parameters["left_to_right"]["W_hh"])),
        lit=(*cards, *news, *columns), on=news, sweep=columns,
    )  # fmt: skip


def again(sheet: Sheet) -> Iterator[Frame]:
    """A second forward pass with the new weights, the first one kept as a ghost, and the audit of the promise."""
    run = sheet.run
    change, steps = run.update, len(run.words)
    if change.forward is None or change.loss is None or change.y_hat is None:
        yield Frame("again", 0, 1, 1, "The step left the domain.", str(change.problem), "")
        return
    cards = [*_shared(run), "W_hy"] + (["b_y"] if "b_y" in run.parameters["readout"] else [])
    news, sweep = tuple(f"new-{n}-all" for n in cards), tuple(f"again-{t}" for t in range(1, steps + 1))
    y_hat = float(change.y_hat[0])
    yield Frame(
        "again", 0, 1, 2, "Read the sentence again.",
        "The same words through the new weights. The first pass stays below as a ghost.",
        display(hat_y(), op(":"), num(float(run.forward.y_hat[0])), op("\u2192"), num(y_hat, "f")),
        lit=(*sweep, "again-y"), new=(*sweep, "again-y"), on=news, sweep=(*sweep, "again-y"),
    )  # fmt: skip
    better = change.loss < run.loss
    said = "It fell." if better else "Overshoot: it rose. The slope is only true close by; a smaller \u03b7 would do."
    if change.loss == run.loss:
        said = "It did not move: the gradient is zero here."
    yield Frame(
        "again", 0, 2, 2, "Did it help?",
        f"The loss goes from {long(run.loss)} to {long(change.loss)}. {said} The gradient had promised {long(change.predicted_loss)}.",
        display(var("L"), op(":"), num(run.loss), op("\u2192"), num(change.loss, "f")),
        lit=("again-y", "loss", "loss2"), new=("loss2",), on=news,
    )  # fmt: skip
