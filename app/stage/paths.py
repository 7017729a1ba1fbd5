"""What a run's numbers draw: ribbons, dots and curves, as path data and coordinates."""

from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.activations import ACTIVATIONS
from app.stage.layout import FORWARD, Geometry

DOMAIN = 2.5  # the small curves are drawn over a in [-2.5, 2.5]
CURVE = 42
PULSE_PER_DECADE = 12.0
PULSE_FLOOR = -3  # the power of ten that has no width
HAIR = 1.5  # the narrowest ribbon of a gradient that is not zero


def tenths_table(before: str = "", after: str = "") -> NDArray[Any]:
    """Coordinates from 0 to 819 to a tenth of a pixel, as texts with something around them."""
    return np.array([f"{before}{k / 10:g}{after}" for k in range(8192)], dtype=object)


_ENCODED = np.array([text.encode() for text in tenths_table()], dtype=object)


def tenths(values: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
    """Coordinates as a table has them: a page has a thousand."""
    index = np.rint(values * 10.0).astype(np.intp)
    texts: NDArray[Any] = table[np.minimum(np.maximum(index, 0), len(table) - 1)]
    return texts


def tenths_encoded(values: NDArray[Any]) -> list[bytes]:
    """Coordinates for a template to be filled with."""
    texts: list[bytes] = tenths(values, _ENCODED).tolist()
    return texts


def pulse_widths(norms: NDArray[Any], room: float) -> NDArray[Any]:
    """Widths of ribbons: 12 px for each factor of ten above .001; a hair while the norm is not zero."""
    something = norms > 0.0
    decades = np.log10(np.where(something, norms, 1.0)) - PULSE_FLOOR
    widths: NDArray[Any] = np.minimum(np.maximum(decades * PULSE_PER_DECADE, HAIR), room) * something
    return widths


def ribbon(x0: float, edges0: tuple[str, str], x1: float, edges1: tuple[str, str]) -> str:
    """Path data of a ribbon from x0 to x1, whose edges bend smoothly from one height to the other."""
    mid, (a, d), (b, c) = f"{(x0 + x1) / 2:g}", edges0, edges1
    return f"M{x0} {a}C{mid} {a} {mid} {b} {x1} {b}V{c}C{mid} {c} {mid} {d} {x0} {d}Z"


def pulse_places(norms: dict[str, NDArray[Any]], geo: Geometry) -> dict[str, NDArray[Any]]:
    """The edges of the gradient's ribbons where they have these norms; their names end with those given."""
    halves = pulse_widths(np.concatenate(list(norms.values())), geo.span) / 2
    tops, bottoms, first = geo.under - halves, geo.under + halves, 0
    found: dict[str, NDArray[Any]] = {}
    for name, of in norms.items():
        here = slice(first, first := first + of.size)
        found |= {f"pulse top{name}": tops[here], f"pulse bottom{name}": bottoms[here]}
    return found


@lru_cache(maxsize=32)
def curve(activation: str, height: float) -> str:
    """Path data of f over [-2.5, 2.5] in a box 42 wide, zero at its centre."""
    xs = np.linspace(-DOMAIN, DOMAIN, 29)
    ys = ACTIVATIONS[activation].f(xs, np.empty_like(xs))
    reach = _reach(activation)
    squeezed = np.minimum(np.maximum(ys, -reach), reach) / reach
    across, down = (xs / DOMAIN + 1) * CURVE / 2, height / 2 - squeezed * height / 2
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(across, down, strict=True))


@cache
def _reach(activation: str) -> float:
    """Half the height of a curve's box: a little over 1 for what saturates, the domain for what does not."""
    far = np.array([9.0])
    return 1.2 if ACTIVATIONS[activation].f(far, np.empty(1))[0] <= 1.0 else DOMAIN


_HOLLOW = np.array(["", " off"], dtype=object)


def hollow(preactivation: NDArray[Any]) -> list[str]:
    """The class of each dot: hollow where it stands for one outside its curve's box."""
    classes: list[str] = _HOLLOW[(np.abs(preactivation) > DOMAIN).ravel().view(np.int8)].tolist()
    return classes


def dots(
    preactivation: NDArray[Any], activated: NDArray[Any], activation: str, geo: Geometry, x: float
) -> dict[str, NDArray[Any]]:
    """Where the dots at (a, f(a)) stand on every unit's curve, whose left edge is x; those outside their box
    at its border."""
    inside, reach = np.minimum(np.maximum(preactivation, -DOMAIN), DOMAIN), _reach(activation)
    squeezed = np.minimum(np.maximum(activated, -reach), reach)
    return {
        "cx": inside * (CURVE / 2 / DOMAIN) + (x + CURVE / 2),
        "cy": _middles(geo) - squeezed * (geo.cell_height / 2 / reach),
    }


@lru_cache(maxsize=64)
def _middles(geo: Geometry) -> NDArray[Any]:
    """The middle of every unit's cell."""
    return FORWARD + np.arange(geo.units) * geo.pitch + geo.cell_height / 2
