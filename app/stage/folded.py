"""The network folded: its cells with their loops, with this run's sizes; two face each other."""

from app.stage.cells.loops import BOX, WIRE, Loops, names
from app.stage.lanes import Lane
from app.stage.marks import symbol
from app.stage.portraits import PORTRAITS
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _, n_

REACH, ANSWER = 216.0, 104.0  # half the width of a cell's drawing; the width of the answer's
TOP, FOOT = 158.0, 112.0  # above and below the middle of a cell


def folded(shape: Shape, sheet: Sheet) -> str:
    """Every cell with its loops: words come in, the state goes round, one answer leaves."""
    loops = PORTRAITS[shape.cell].loops
    drawn = [_cell(shape, lane, loops) for lane in shape.lanes]
    drawn.insert(1, _answer(shape))
    return f'<div class="folded">{"".join(drawn)}<p>\u201c{sheet.line("sentence")}\u201d</p></div>'


def _cell(shape: Shape, lane: Lane, loops: Loops) -> str:
    """One cell, a mirror image where it reads from right to left."""
    turn, half = (-1 if lane.reverse else 1), loops.half
    box = f'<rect class="body" x="{-half:g}" y="{-BOX / 2:g}" width="{2 * half:g}" height="{BOX:g}" rx="14"/>'
    wires = (
        f'<path class="wire" d="M{42 - REACH:g} {WIRE:g}H{-half - 8:g}M{half:g} {WIRE:g}H{REACH:g}"/>'
        f'<path class="tip" d="M{-half - 1:g} {WIRE:g}l-11-5v10z"/>'
    )
    flip = ' transform="scale(-1 1)"' if lane.reverse else ""
    middle = turn * (42 - REACH - half) / 2
    return "".join(
        (
            f'<svg viewBox="{-REACH:g} {-TOP:g} {2 * REACH:g} {TOP + FOOT:g}" width="{2 * REACH:g}" '
            f'height="{TOP + FOOT:g}" role="img" aria-label="{_named(shape, lane, loops)}">',
            f"<g{flip}>{box}{loops.drawing(shape.units)}{wires}</g>",
            names(loops, turn),
            *(_note(0, y, told(shape.units)) for y, told in loops.notes),
            symbol(middle, WIRE + 22, f"W{lane.prime}", loops.weights[0]),
            symbol(turn * (22 - REACH), WIRE + 6, "x", "t"),
            *(_note(0, BOX / 2 + 20 * k, text) for k, text in enumerate(_sizes(shape, lane, loops), 1)),
            "</svg>",
        )
    )


def _named(shape: Shape, lane: Lane, loops: Loops) -> str:
    """What the drawing of a cell shows."""
    said = _(loops.title).rstrip(".।")
    return _("The network folded{way}: {cell} of {units} units", way=lane.way, cell=said, units=shape.units)


def _sizes(shape: Shape, lane: Lane, loops: Loops) -> list[str]:
    """What stands under a cell: its units, and in which order it reads where there are two."""
    units = n_("{count} hidden unit", "{count} hidden units", shape.units)
    held = [f"{units}, {_(loops.inside)}" if loops.inside else units]
    reads = (
        _("reads from {start} to {last}", start=lane.start, last=lane.last)
        if shape.steps > 1
        else _("reads one word")
    )
    return [*held, f"{lane.way.removeprefix(', ')}: {reads}"] if lane.mark else held


def _answer(shape: Shape) -> str:
    """Where the answer leaves, and when."""
    two, x = len(shape.lanes) > 1, ANSWER / 2
    tips = f'<path class="tip" d="M{x - 22:g} {WIRE:g}l-11-5v10z"/>' + (
        f'<path class="tip" d="M{x + 22:g} {WIRE:g}l11-5v10z"/>' if two else ""
    )
    far = f"M{ANSWER:g} {WIRE:g}H{x + 30:g}" if two else ""
    when = (_("after every"), _("word")) if shape.per_step else (_("after the"), _("last word"))
    return (
        f'<svg viewBox="0 {-TOP:g} {ANSWER:g} {TOP + FOOT:g}" width="{ANSWER:g}" height="{TOP + FOOT:g}" '
        f'aria-hidden="true"><path class="wire" d="M0 {WIRE:g}H{x - 30:g}{far}"/>{tips}'
        + symbol(x, WIRE + 6, "\u0177", "t" if shape.per_step else "")
        + symbol(x, WIRE - 24, "W", "hy")
        + "".join(_note(x, WIRE + 34 + 18 * k, text) for k, text in enumerate(when))
        + "</svg>"
    )


def _note(x: float, y: float, text: str) -> str:
    return f'<text class="note" x="{x:g}" y="{y:g}" text-anchor="middle">{text}</text>'
