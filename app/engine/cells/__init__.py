"""The cells by name."""

from app.engine.cells.cell import Cell
from app.engine.cells.elman import ELMAN

__all__ = ["CELLS", "Cell"]

CELLS = {"elman": ELMAN}
