"""The mathematics: recurrent networks forwards, and backpropagation through time with every factor kept."""

from app.engine.bptt import backward, refill
from app.engine.errors import DivergenceError, DomainError, EngineError
from app.engine.gradient_check import Check, EntryCheck, check_gradients
from app.engine.initialise import draw_parameters, draw_state, with_recurrent_radius
from app.engine.network import Network, Parameters, parameter_shapes
from app.engine.onehot import OneHot
from app.engine.outer import OuterSum
from app.engine.readout import loss_of
from app.engine.scan import forward
from app.engine.sweep import Backward, ChainBackward
from app.engine.trace import ChainTrace, Trace
from app.engine.update import Update, like_trace, step_downhill

__all__ = [
    "Backward",
    "ChainBackward",
    "ChainTrace",
    "Check",
    "DivergenceError",
    "DomainError",
    "EngineError",
    "EntryCheck",
    "Network",
    "OneHot",
    "OuterSum",
    "Parameters",
    "Trace",
    "Update",
    "backward",
    "check_gradients",
    "draw_parameters",
    "draw_state",
    "forward",
    "like_trace",
    "loss_of",
    "parameter_shapes",
    "refill",
    "step_downhill",
    "with_recurrent_radius",
]
