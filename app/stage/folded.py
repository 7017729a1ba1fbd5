"""The network folded: the loop as it is drawn in every textbook, with this run's sizes."""

from app.stage.marks import symbol
from app.stage.shape import Shape
from app.stage.sheet import Sheet

SHOWN = 8
TOP, BOX = 92.0, 128.0
MIDDLE = TOP + BOX / 2


def folded(shape: Shape, sheet: Sheet) -> str:
    """One cell with its loop: words come in on the left, the state goes round, one answer leaves."""
    units = shape.units
    return (
        f'<svg class="folded" viewBox="0 0 520 {max(290.0, shape.geometry.height - 30):g}" role="img" '
        f'aria-label="The network folded: one cell of {units} units with a loop">'
        f'<path class="loop" d="M312 {MIDDLE - 18:g}C470 {MIDDLE - 56:g} 420 34 260 34C100 34 50 '
        f'{MIDDLE - 56:g} 200 {MIDDLE - 20:g}"/>'
        f'<path class="looptip" d="M208 {MIDDLE - 18:g}l-12-6 2 13z"/>'
        f'<rect class="body" x="208" y="{TOP:g}" width="104" height="{BOX:g}" rx="14"/>{_units(units)}'
        f'<path class="wire" d="M96 {MIDDLE + 14:g}H198M312 {MIDDLE + 14:g}H412"/>'
        f'<path class="tip" d="M206 {MIDDLE + 14:g}l-11-5v10zM420 {MIDDLE + 14:g}l-11-5v10z"/>'
        + symbol(260, 26, "W", "hh")
        + symbol(148, MIDDLE + 4, "W", "xh")
        + symbol(364, MIDDLE + 4, "W", "hy")
        + _note(260, 58, f"{units} \u00d7 {units} = {units * units} arrow{'s' if units > 1 else ''}")
        + _note(260, 77, "every unit to every unit")
        + symbol(74, MIDDLE + 20, "x", "t")
        + symbol(446, MIDDLE + 20, "\u0177")
        + _note(74, MIDDLE + 44, "one word at a time")
        + _note(440, MIDDLE + 44, "after the last")
        + f'<text class="big" x="260" y="{TOP + BOX + 62:g}" text-anchor="middle">'
        f"\u201c{sheet.line('sentence')}\u201d</text></svg>"
    )


def _units(units: int) -> str:
    """The hidden units in the cell, as many as are told apart, and how many there are."""
    shown = min(units, SHOWN)
    radius = min(15.0, BOX / (2.6 * shown + 1))
    centres = (TOP + BOX * (k + 1) / (shown + 1) for k in range(shown))
    circles = "".join(f'<circle class="unit" cx="260" cy="{y:.1f}" r="{radius:.1f}"/>' for y in centres)
    return circles + _note(260, TOP + BOX + 20, f"{units} hidden unit{'s' if units > 1 else ''}")


def _note(x: float, y: float, text: str) -> str:
    return f'<text class="note" x="{x:g}" y="{y:g}" text-anchor="middle">{text}</text>'
