"""Where a parameter's matrix stands on its card, and how many of its numbers fit."""

from dataclasses import dataclass
from functools import lru_cache

from app.stage.shape import Shape

TOP = 48  # the matrix starts here; the step's delta stands above it
BASE = 14.5  # from the top of a cell to the baseline of its number
NUMBERED_COLUMNS, NUMBERED_ROWS = 8, 40
SIDE = 240  # a matrix without numbers is as large as this
TILES = 32  # and has at most so many tiles in a row and in a column
LEFT = {"words": 66.0, "state": 56.0, "bias": 4.0, "readout": 4.0}
BESIDE = 80.0  # where the readout's bias stands beside its weights
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
    """The place of a weight's matrix."""
    left = _left(shape, name)
    rows, columns = _size(shape, name)
    if columns <= NUMBERED_COLUMNS and rows <= (NUMBERED_COLUMNS if name == "W_hy" else NUMBERED_ROWS):
        return Matrix(rows, columns, left, 48 if columns <= 4 or shape.units <= 4 else 42, 22, True)
    across = 48.0 if columns == 1 else max(1.0, SIDE / columns)
    return Matrix(rows, columns, left, across, max(1.0, min(12.0, SIDE / rows)), False)


def _left(shape: Shape, name: str) -> float:
    """Left edge: beside a matrix that steps pay to stands what they saw."""
    role = shape.weights[name].role
    if role == "readout" and shape.per_step:
        return LEFT["bias"] if name == "b_y" else LEFT["state"]
    return BESIDE if name == "b_y" else LEFT[role]


def _size(shape: Shape, name: str) -> tuple[int, int]:
    """Rows and columns of a weight."""
    sizes = {
        "words": (shape.words, shape.units),
        "state": (shape.units, shape.units),
        "bias": (1, shape.units),
        "readout": (1 if name == "b_y" else shape.units * len(shape.chains), shape.outputs),
    }
    return sizes[shape.weights[name].role]


@lru_cache(maxsize=256)
def all_numbered(shape: Shape) -> bool:
    """Whether every number of the stage is written."""
    return shape.geometry.numbered and all(
        matrix_of(shape, name).numbered for name in shape.weights
    )


def pays_numbers(shape: Shape, name: str) -> bool:
    """Whether the coins of a weight are numbers: columns and matrix have to show theirs."""
    return shape.geometry.numbered and matrix_of(shape, name).numbered


def shows_products(shape: Shape) -> bool:
    """Whether the coins of W_hh show their products; where they do not, the ledger has them."""
    return shape.units <= MULTIPLIED and shape.steps <= 40
