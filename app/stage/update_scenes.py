"""The scenes after the gradient is known step by step: the sum, the update, and the sentence once more."""

from collections.abc import Iterator

from app.stage.formulas import d, display, frac, matrix, mn, op, row, var
from app.stage.frame import Frame
from app.stage.heads import HEADS
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.weights import Weight

FLIGHTS = 8  # coins that are seen to fly to the total


def accumulate(shape: Shape, sheet: Sheet) -> Iterator[Frame]:
    """The coins of each shared parameter add up, entry by entry, to its gradient."""
    steps, count = shape.steps, len(shape.shared)
    plural = "" if steps == 1 else "s"
    for k, name in enumerate(shape.shared, 1):
        slots = tuple(f"slot-{name}-{t}" for t in range(steps, 0, -1))
        done = tuple(f"tot-{other}-all" for other in shape.shared[:k])
        weight = shape.weights[name]
        symbol, said = var(weight.letter, weight.index), f"{weight.letter}<sub>{weight.index}</sub>"
        summed = row(frac("<mo>\u2202</mo><mi>L</mi>", f"<mo>\u2202</mo>{symbol}"))
        total = sheet.cells[f"tot-{name}"].matrix()
        yield Frame(
            "accumulate",
            0,
            k,
            count,
            f"{steps} coin{plural}, one gradient.",
            f"{said} is one {'vector' if weight.role == 'bias' else 'matrix'}, used {steps} time{plural}: "
            f"its gradient is the sum of what every step paid, entry by entry.{sheet.line(f'adding {name}')}",
            display(
                summed,
                op("="),
                "<munderover><mo>\u2211</mo><mrow><mi>t</mi><mo>=</mo><mn>1</mn></mrow>",
                f"<mn>{steps}</mn></munderover>",
                "<msub>",
                row(op("("), summed, op(")")),
                "<mi>t</mi></msub>",
                op("="),
                matrix(total, "b"),
            ),
            lit=(name, *slots, *done, f"total-{name}", f"tick-{name}"),
            gate=weight.gate_name if len(shape.gates) > 1 else "",
            new=(f"total-{name}", f"tick-{name}"),
            on=done,
            fly=(tuple(f"{slot},{slot},tot-{name}-all" for slot in slots[:FLIGHTS]),),
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
        "One step against the gradient.",
        f"Every gradient is turned round and scaled by \u03b7 = {eta}.{sheet.line('clipped')} Until now no "
        "weight has moved: all steps used the same numbers.",
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
        "One card for every copy.",
        f"The new weights are old \u2212 \u03b7 \u00d7 gradient. {sheet.line('moving')}",
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
        yield Frame("again", 0, 1, 1, "The step left the domain.", sheet.line("problem"))
        return
    news = tuple(f"new-{name}-all" for name in shape.weights)
    sweep = tuple(
        lane.name("again", lane.at(tick)) for tick in range(1, shape.steps + 1) for lane in shape.lanes
    )
    yield from HEADS[shape.task].second(shape, sheet, news, sweep)
