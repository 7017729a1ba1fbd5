"""The network folded: the loop as it is drawn in every textbook, with this run's sizes."""

from app.experiments.run import Run
from app.stage.column import abridged
from app.stage.marks import escape, symbol

SHOWN = 8


def folded(run: Run, height: float) -> str:
    """One cell with its loop: words come in from the left, the state goes round, one answer leaves on the right."""
    units = run.experiment.hidden_size
    top, box = 92.0, 128.0
    middle = top + box / 2
    sentence = escape(abridged(" ".join(run.words), 44)[0])
    shown = min(units, SHOWN)
    circles = "".join(
        f'<circle class="unit" cx="260" cy="{top + box * (k + 1) / (shown + 1):.1f}" r="{min(15.0, box / (2.6 * shown + 1)):.1f}"/>' for k in range(shown)
    )
    more = f'<text class="note" x="260" y="{top + box + 20:g}" text-anchor="middle">{units} hidden unit{"s" if units > 1 else ""}</text>'
    return (
        f'<svg class="folded" viewBox="0 0 520 {max(290.0, height - 30):g}" role="img" aria-label="The network folded: one cell of {units} units with a loop">'
        f'<path class="loop" d="M312 {middle - 18:g}C400 {middle - 30:g} 376 34 260 34C144 34 122 {middle - 30:g} 200 {middle - 20:g}"/>'
        f'<path class="looptip" d="M208 {middle - 18:g}l-12-6 2 13z"/>'
        f'<rect class="body" x="208" y="{top:g}" width="104" height="{box:g}" rx="14"/>{circles}{more}'
        f'<path class="wire" d="M96 {middle + 14:g}H198M312 {middle + 14:g}H412"/><path class="tip" d="M206 {middle + 14:g}l-11-5v10zM420 {middle + 14:g}l-11-5v10z"/>'
        + symbol(260, 26, "W", "hh") + symbol(148, middle + 4, "W", "xh") + symbol(364, middle + 4, "W", "hy")
        + f'<text class="note" x="260" y="58" text-anchor="middle">{units} \u00d7 {units} = {units * units} arrow{"s" if units > 1 else ""}</text>'
        '<text class="note" x="260" y="77" text-anchor="middle">every unit to every unit</text>'
        + symbol(74, middle + 20, "x", "t") + symbol(446, middle + 20, "\u0177")
        + f'<text class="note" x="74" y="{middle + 44:g}" text-anchor="middle">one word at a time</text>'
        f'<text class="note" x="440" y="{middle + 44:g}" text-anchor="middle">after the last</text>'
        f'<text class="big" x="260" y="{top + box + 62:g}" text-anchor="middle">\u201c{sentence}\u201d</text></svg>'
    )  # fmt: skip
