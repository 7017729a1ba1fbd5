"""Where a parameter's matrix stands on its card, and how many of its numbers fit."""

from dataclasses import dataclass
from functools import lru_cache

from app.stage.shape import Shape

TOP = 48  # the matrix starts here; the step's delta stands above it
BASE = 14.5  # from the top of a cell to the baseline of its number
NUMBERED_COLUMNS, NUMBERED_ROWS = 8, 40
SIDE = 240  # a matrix without numbers is as large as this
TILES = 32  # and has at most so many tiles in a row and in a column
LEFT = {"W_xh": 66.0, "W_hh": 56.0, "b_h": 4.0, "W_hy": 4.0, "b_y": 80.0}
MULTIPLIED = 4  # as many units as a student multiplies: so large a coin of W_hh shows its products


@dataclass(frozen=True)
class Matrix:
    """Left edge, cell pitch across and down, whether cells carry numbers."""

    rows: int
    columns: int
    left: float
    across: float
    down: float
    numbered: bool

    @property
    def width(self) -> float:
        return self.columns * self.across

    @property
    def depth(self) -> float:
        return self.rows * self.down

    @property
    def at(self) -> str:
        """Where the first row's baseline starts."""
        return f'transform="translate({self.left:g} {TOP + BASE})"'

    @property
    def corner(self) -> str:
        """Where the first row's upper edge starts."""
        return f'transform="translate({self.left:g} {TOP})"'


@lru_cache(maxsize=256)
def matrix_of(shape: Shape, name: str) -> Matrix:
    """The place of a parameter's matrix."""
    sizes = {
        "W_xh": (shape.words, shape.units),
        "W_hh": (shape.units, shape.units),
        "b_h": (1, shape.units),
        "W_hy": (shape.units, 1),
        "b_y": (1, 1),
    }
    rows, columns = sizes[name]
    if columns <= NUMBERED_COLUMNS and rows <= (NUMBERED_COLUMNS if name == "W_hy" else NUMBERED_ROWS):
        return Matrix(rows, columns, LEFT[name], 48 if columns <= 4 else 42, 22, True)
    across = 48.0 if columns == 1 else max(1.0, SIDE / columns)
    return Matrix(rows, columns, LEFT[name], across, max(1.0, min(12.0, SIDE / rows)), False)


@lru_cache(maxsize=256)
def all_numbered(shape: Shape) -> bool:
    """Whether every number of the stage is written."""
    return shape.geometry.numbered and all(
        matrix_of(shape, name).numbered for name in (*shape.shared, *shape.outer)
    )


def shows_products(shape: Shape) -> bool:
    """Whether the coins of W_hh show their products; where they do not, the ledger has them."""
    return shape.units <= MULTIPLIED and shape.steps <= 40
