"""The scenes after the gradient is known step by step: the sum, the update, and the sentence once more."""

from collections.abc import Iterator

from app.stage.formulas import d, display, frac, matrix, mn, op, row, var
from app.stage.frame import Frame
from app.stage.heads import HEADS
from app.stage.portraits import PORTRAITS
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.weights import Weight
from app.wording.catalogue import _, n_

FLIGHTS = 24  # coins that are seen to fly to the totals


def accumulate(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The coins of the shared parameters add up, entry by entry, to their gradients: a gate a frame."""
    known: tuple[str, ...] = ()
    for part, heap in enumerate(shape.heaps, 1):
        known += tuple(f"tot-{key}-all" for key in heap)
        yield _heap(shape, sheet, heap)._replace(part=part, parts=len(shape.heaps), on=known)


def _heap(shape: Shape, sheet: Sheet, heap: tuple[str, ...]) -> Frame:
    """What the steps paid to some weights, added up."""
    slots = {key: tuple(f"slot-{key}-{t}" for t in range(shape.steps, 0, -1)) for key in heap}
    new = tuple(f"{kind}-{key}" for key in heap for kind in ("total", "tick"))
    totals = tuple(f"tot-{key}-all" for key in heap)
    told, each = shape.telling(heap), -(-FLIGHTS // len(heap))
    gate = shape.weights[heap[0]].gate_name if len(shape.gates) > 1 else ""
    return Frame(
        "accumulate",
        0,
        1,
        1,
        _summed_up(shape, heap, gate),
        _used(shape, heap)
        + (" " + _("Take {symbol}.", symbol=shape.weights[told[0]].symbol) if len(heap) > 1 else "")
        + sheet.line(f"adding {told[0]}"),
        "".join(_sum_over_time(shape, sheet, key) for key in told),
        lit=(*heap, *(slot for those in slots.values() for slot in those), *totals, *new),
        new=(*new, *totals),
        fly=(
            tuple(
                f"{slot},{slot},{total}"
                for those, total in zip(slots.values(), totals, strict=True)
                for slot in those[:each]
            ),
        ),
        gate=gate,
    )


def _summed_up(shape: Shape, heap: tuple[str, ...], gate: str) -> str:
    """The title: how many coins make how many gradients."""
    if len(heap) == 1:
        return n_("{count} coin, one gradient.", "{count} coins, one gradient.", shape.steps)
    names = {"y": _("readout")} | {of.letter: of.word for of in PORTRAITS[shape.cell].gates}
    whose = _("The {gate}:", gate=names[gate]) + " " if gate else ""
    return whose + n_(
        "{count} coin each, {gradients} gradients.",
        "{count} coins each, {gradients} gradients.",
        shape.steps,
        gradients=len(heap),
    )


def _used(shape: Shape, heap: tuple[str, ...]) -> str:
    """That a weight is one, however often it is used."""
    names = [shape.weights[key].symbol for key in heap]
    often = n_("used {count} time", "used {count} times", shape.steps)
    if len(names) == 1:
        kind = _("one vector") if shape.weights[heap[0]].role == "bias" else _("one matrix")
        return _(
            "{name} is {kind}, {often}: its gradient is the sum of what every step paid, entry by entry.",
            name=names[0],
            kind=kind,
            often=often,
        )
    return _(
        "{listed} and {last} are each one set of numbers, {often}: the gradient of each is "
        "the sum of what every step paid, entry by entry.",
        listed=", ".join(names[:-1]),
        last=names[-1],
        often=often,
    )


def _sum_over_time(shape: Shape, sheet: Sheet, key: str) -> str:
    """dL/dW as the sum of what the steps paid, with its numbers."""
    weight = shape.weights[key]
    summed = row(frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{weight.math}"))
    # As many rows as there are words are for the card alone.
    total = sheet.cells[f"sum {key}" if weight.role == "words" else f"tot-{key}"]
    return display(
        summed,
        op("="),
        "<munderover><mo>\u2211</mo><mrow><mi>t</mi><mo>=</mo><mn>1</mn></mrow>",
        f"<mn>{shape.steps}</mn></munderover>",
        "<msub>",
        row(op("("), summed, op(")")),
        "<mi>t</mi></msub>",
        op("="),
        matrix(total.matrix(), "b"),
    )


def _cards(shape: Shape) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters, and what is lit for each: its card, or its total where it shares the readout's card."""
    names = tuple(shape.weights)
    return names, tuple(name for name in names if shape.per_step or name != "b_y")


def _example(shape: Shape) -> tuple[Weight, str]:
    """The weight whose update is written out, and its symbol."""
    weight = next(weight for weight in shape.weights.values() if weight.role == "state")
    return weight, var(weight.letter, weight.index)


def update(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """-eta g slides into the one card; only now does a weight change."""
    yield _step(shape, sheet)
    yield _change(shape, sheet)


def _step(shape: Shape, sheet: Sheet) -> Frame:
    names, cards = _cards(shape)
    steps = tuple(f"step-{name}-all" for name in names)
    heaps = [*(f"total-{name}" for name in shape.shared), *(f"slot-{name}-whole" for name in shape.whole)]
    eta, (shown, symbol) = sheet.line("long eta"), _example(shape)
    return Frame(
        "update",
        0,
        1,
        2,
        _("One step against the gradient."),
        _(
            "Every gradient is turned round and scaled by η = {eta}.{clipped} Until now no "
            "weight has moved: all steps used the same numbers.",
            eta=eta,
            clipped=sheet.line("clipped"),
        ),
        display(
            op("\u2212"),
            var("\u03b7"),
            sheet.line("clip factor"),
            d("<mi>L</mi>", symbol),
            op("="),
            op("\u2212"),
            mn(eta),
            sheet.line("clip factor"),
            op("\u00b7"),
            matrix(sheet.cells[f"tot-{shown.key}"].matrix(), "b"),
        ),
        lit=(*cards, *steps),
        new=steps,
        on=steps,
        fly=(tuple(f"{step},{heap},{step}" for step, heap in zip(steps, heaps, strict=True)),),
    )


def _change(shape: Shape, sheet: Sheet) -> Frame:
    names, cards = _cards(shape)
    news = tuple(f"new-{name}-all" for name in names)
    columns, (shown, symbol) = shape.columns, _example(shape)
    return Frame(
        "update",
        0,
        2,
        2,
        _("One card for every copy."),
        _("The new weights are old − η × gradient. {moving}", moving=sheet.line("moving")),
        display(
            symbol,
            op("\u2190"),
            symbol,
            op("\u2212"),
            var("\u03b7"),
            sheet.line("clip factor"),
            d("<mi>L</mi>", symbol),
            op("="),
            matrix(sheet.cells[f"new-{shown.key}"].matrix()),
        ),
        lit=(*cards, *news, *columns),
        on=news,
        sweep=columns,
    )


def again(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """A second forward pass with the new weights, the first one as a ghost, and the audit of the promise."""
    if not shape.again:
        yield Frame("again", 0, 1, 1, _("The step left the domain."), sheet.line("problem"))
        return
    news = tuple(f"new-{name}-all" for name in shape.weights)
    sweep = tuple(
        lane.name("again", lane.at(tick)) for tick in range(1, shape.steps + 1) for lane in shape.lanes
    )
    yield from HEADS[shape.task].second(shape, sheet, news, sweep)
