"""The cells by name."""

from app.engine.cells.cell import Cell
from app.engine.cells.elman import ELMAN
from app.engine.cells.gru import GRU
from app.engine.cells.lstm import LSTM

__all__ = ["CELLS", "Cell"]

CELLS = {cell.name: cell for cell in (ELMAN, LSTM, GRU)}
