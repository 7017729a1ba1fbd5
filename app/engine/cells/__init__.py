"""The cells by name, and how those with gates compute few units."""

from app.engine.cells.abreast import Abreast, Blocks, Factors, Seen, Woven
from app.engine.cells.cell import Cell
from app.engine.cells.elman import ELMAN
from app.engine.cells.gru import GRU
from app.engine.cells.gru_abreast import GRU_ABREAST
from app.engine.cells.lstm import LSTM
from app.engine.cells.lstm_abreast import LSTM_ABREAST

__all__ = ["ABREAST", "CELLS", "Abreast", "Blocks", "Cell", "Factors", "Seen", "Woven"]

CELLS = {cell.name: cell for cell in (ELMAN, LSTM, GRU)}
ABREAST: dict[str, Abreast] = {LSTM.name: LSTM_ABREAST, GRU.name: GRU_ABREAST}
