"""What an opened cell is drawn with: the road with its valves, the cards of the gates, wires between them.

Blue is what runs forward, shown while the sentence is read; rose what runs back, in the same places. Valves,
lanes and cards stay where they are, so that the eye finds on the way back what it saw on the way here.
"""

from dataclasses import dataclass

from app.numerals import tint
from app.stage.cells.gates import Gate
from app.stage.cells.gates_column import gate_numbers
from app.stage.column import label
from app.stage.lanes import Lane
from app.stage.layout import FORWARD, Geometry
from app.stage.marks import symbol, upright
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.wording.catalogue import _

WIDTH, CARD = 1104, 196
STRIP = 104.0  # height of a vector that is drawn as colour alone
BED = 34.0  # upper edge of the road
OLD, GATE, KEPT, MEET, NEW = 70.0, 300.0, 441.0, 560.0, 671.0  # where things stand along the road
RAMP = 618.0  # where the on-ramp tells what it brings
BOX, CURVE, FACTOR, OUT = 858.0, 892.0, 965.0, 1038.0  # the box above the right card, and what is in it


@dataclass(frozen=True)
class View:
    """One opened cell: whose it is, and where its rows stand."""

    shape: Shape
    sheet: Sheet
    lane: Lane
    t: int

    @property
    def geo(self) -> Geometry:
        return self.shape.geometry

    @property
    def span(self) -> float:
        return self.geo.span if self.geo.numbered else STRIP

    @property
    def road(self) -> float:
        """Top of the cells on the road."""
        return BED + 12

    @property
    def shore(self) -> float:
        """Lower edge of the road; labels stand under it."""
        return self.road + self.span + 12

    @property
    def box(self) -> float:
        """Top of the cells between the road and the gates."""
        return self.shore + 36

    @property
    def cards(self) -> float:
        """Top of the gates' cards."""
        return self.box + self.span + 36

    @property
    def gates(self) -> float:
        """Top of the cells in them."""
        return self.cards + 56

    @property
    def floor(self) -> float:
        """Lower edge of the cards."""
        return self.gates + self.span + 14

    @property
    def height(self) -> float:
        return self.floor + 40

    def lanes(self) -> list[float]:
        """The middle of each unit's lane on the road; one for them all where they are drawn as colour."""
        if not self.geo.numbered:
            return [self.road + self.span / 2]
        return [self.road + self.geo.centre(unit) for unit in range(self.geo.units)]

    def name(self, kind: str) -> str:
        return self.lane.name(kind, self.t)


def drawing(view: View, title: str, *parts: str) -> str:
    """The whole cell as an SVG that is shown while its step is in hand."""
    t, high = view.t, view.height
    kind = "cell under" if view.lane.reverse else "cell"
    return (
        f'<svg id="{view.name("cell")}" class="{kind} t-{tint(t, view.shape.steps)}" data-t="{t}" '
        f'width="{WIDTH}" height="{high:g}" viewBox="0 0 {WIDTH} {high:g}" role="group" '
        f'aria-label="' + _("inside the cell at step {t}{way}", t=t, way=view.lane.way) + '">'
        '<text class="celltitle" x="24" y="22">'
        + _("{title} at “{word}”, step {t}", title=title, word=view.sheet.line("word", t - 1), t=t)
        + "</text>"
        f"{''.join(parts)}</svg>"
    )


def forward(*parts: str) -> str:
    """What is shown while the sentence is read."""
    return f'<g class="going">{"".join(parts)}</g>'


def backward(*parts: str) -> str:
    """What is shown on the way back."""
    return f'<g class="coming">{"".join(parts)}</g>'


def note(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="note {kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text}</text>'


def said(view: View, x: float, y: float, *name: str | int, kind: str = "") -> str:
    """A symbol over or under a vector."""
    base, index, after = (*name, "", "")[:3]
    return label(_plain(view.lane), x, y, str(base), index, str(after), kind, own=index == "")


def beside(view: View, y: float, *name: str | int) -> str:
    """What the on-ramp brings, beside its vector."""
    base, index = name
    return symbol(RAMP + 32, y, str(base), index, view.lane.mark, "fw", "start")


def _plain(lane: Lane) -> Lane:
    """An opened cell is drawn from left to right, whichever way its chain reads."""
    return Lane(lane.chain, lane.steps, False, lane.mark)


def vector(
    view: View, x: float, y: float, name: str, shows: str = "", part: str = "", once: bool = False
) -> str:
    """A vector about x. shows : its array, where that is not its name. part : what the inspector calls it."""
    array = f"{shows or name}{view.lane.suffix}"
    same = f' data-shows="{part}"' if part else ""
    cells = upright(view.geo, view.sheet, array, 0 if once else view.t - 1)
    return _placed(view, x, y, name, f"vec{same and ' same'}", cells, same)


def first(view: View, x: float, y: float, name: str) -> str:
    """The first state of the chain as a vector."""
    cells = upright(view.geo, view.sheet, f"h0{view.lane.suffix}")
    return _placed(view, x, y, name, "vec", cells, f' data-shows="{view.lane.name("h", view.lane.origin)}"')


def _placed(view: View, x: float, y: float, name: str, kind: str, cells: str, more: str = "") -> str:
    squeeze = "" if view.geo.numbered else " " + f"scale(1 {STRIP / view.geo.span:.4g})"
    at = f'transform="translate({x:g} {y:g}){squeeze}"'
    return f'<g id="{view.name(name)}" class="{kind}" {at}{more}>{cells}</g>'


def slope(view: View, x: float, y: float, name: str, shows: str = "") -> str:
    """Factors without a colour. shows : their array, where that is not its name"""
    geo, texts = view.geo, view.lane.step(view.sheet, shows or name, view.t)
    same = f' data-shows="{view.name(shows)}"' if shows else ""
    if not geo.numbered:
        return _placed(view, x, y, name, "vec slope", _frame(geo), same)
    cells = "".join(
        f'<g class="c"><rect y="{geo.row(i):g}"/><text y="{geo.centre(i) + 4.5:g}">{text}</text></g>'
        for i, text in enumerate(texts)
    )
    return _placed(view, x, y, name, "vec slope", cells, same)


def _frame(geo: Geometry) -> str:
    return f'<rect class="band" x="-21" y="0" width="42" height="{geo.span:g}"/>'


def valve(view: View, x: float, y: float, letter: str) -> str:
    """A gate on a lane, drawn open to scale; as colour where units are not told apart."""
    name, part = f"valve_{letter}", view.lane.name(f"gate_{letter}", view.t)
    if not view.geo.numbered:
        return vector(view, x, y, name, f"gate_{letter}", part)
    geo, k, lines = view.geo, (view.t - 1) * view.geo.units, view.sheet.line
    top, low = (f"open_{letter} {edge}{view.lane.suffix}" for edge in ("top", "low"))
    cells = "".join(
        f'<g class="c" transform="translate(0 {geo.row(unit):g})"><rect class="body"/>'
        f'<path class="open" d="M-39 {lines(top, k + unit)}h28V{lines(low, k + unit)}h-28z"/>'
        f'<path class="jaw" d="M-39 {lines(top, k + unit)}h28M-39 {lines(low, k + unit)}h28"/>'
        f'<text x="15" y="{geo.cell_height / 2 + 4.5:g}">\u00d7 {number}</text></g>'
        for unit, number in enumerate(gate_numbers(view.sheet, view.lane, letter, view.t))
    )
    return _placed(view, x, y, name, "vec valves wide", cells, f' data-shows="{part}"')


def curves(view: View, x: float, name: str) -> str:
    """The small curves of tanh, each with its dot, in the box."""
    geo = view.geo
    if not geo.numbered:
        middle = view.box + view.span / 2
        return f'<g id="{view.name(name)}"><path class="wire" d="M{x - 21:g} {middle:g}h38"/></g>'
    head = (
        f'<g id="{view.name(name)}" class="curves" transform="translate({x - 21:g} {view.box - FORWARD:g})">'
    )
    k = (view.t - 1) * geo.units
    off, cx, cy = (f"{kind}{view.lane.suffix}" for kind in ("off", "cx", "cy"))
    lines = view.sheet.line
    dots = "".join(
        f'<use href="#curve" x="0" y="{FORWARD + geo.row(unit):g}"/>'
        f'<circle class="dot{lines(off, k + unit)}" cx="{lines(cx, k + unit)}" '
        f'cy="{lines(cy, k + unit)}" r="3.2"/>'
        for unit in range(geo.units)
    )
    return f"{head}{dots}</g>"


def card(view: View, gate: Gate, x: float, blamed: str) -> str:
    """A gate: a -> f -> gate while reading, delta <- slope <- dL/dgate on the way back, in the same places.

    x : its middle. blamed : the array that its argument is blamed for
    """
    left, letter, row, t = x - CARD / 2, gate.letter, view.gates, view.t
    a, middle, right = left + 37, left + 98, left + 159
    above = row - 9
    return "".join(
        (
            f'<g class="gatecard"><rect class="gatebox" x="{left:g}" y="{view.cards:g}" width="{CARD}" '
            f'height="{view.floor - view.cards:g}" rx="10"/>'
            f'<text class="gatename" x="{left + 14:g}" y="{view.cards + 20:g}">' + _(gate.title) + "</text>",
            note(left + CARD - 12, view.cards + 20, _(gate.task), anchor="end"),
            forward(
                said(view, a, above, "a", letter),
                said(view, middle, above, gate.f),
                said(view, right, above, letter, t),
                vector(view, a, row, f"a_{letter}"),
                bar(view, gate, left, row),
                vector(view, right, row, f"gate_{letter}"),
            ),
            backward(
                said(view, a, above, "\u03b4", letter, kind="bw"),
                said(view, middle, above, f"\u00d7 {gate.f}\u2032", kind="bw"),
                said(view, right, above, f"\u2202L/\u2202{letter}", t, kind="bw"),
                vector(view, a, row, blamed),
                slope(view, middle, row, f"s_{letter}"),
                vector(view, right, row, f"dg_{letter}"),
            ),
            "</g>",
        )
    )


def bar(view: View, gate: Gate, left: float, row: float) -> str:
    """The gate's numbers as bars: of a sigmoid from 0 to 1, of tanh to either side of zero."""
    if not view.geo.numbered:
        return f'<path class="wire" d="M{left + 68:g} {row + view.span / 2:g}h56"/>'
    geo, k = view.geo, (view.t - 1) * view.geo.units
    ends = f"bar_{gate.letter}{view.lane.suffix}"
    start = 98 if gate.signed else 68
    track = "".join(f"M68 {geo.centre(unit):g}H128" for unit in range(geo.units))
    fill = "".join(
        f"M{start} {geo.centre(unit):g}H{view.sheet.line(ends, k + unit)}" for unit in range(geo.units)
    )
    zero = f'<path class="zero" d="M98 0V{geo.span:g}"/>' if gate.signed else ""
    name, at = view.name(f"bar_{gate.letter}"), f'transform="translate({left:g} {row:g})"'
    paths = f'<path class="track" d="{track}"/><path class="fill" d="{fill}"/>{zero}'
    return f'<g id="{name}" class="gatebars" {at}>{paths}</g>'
