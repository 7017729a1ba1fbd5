"""Passes over one sentence: the engine's arrays without their batch axis, in sentence order."""

from __future__ import annotations

from functools import cached_property

from app import engine
from app.engine import Parameters
from app.engine.network import Array

LEFT = "left_to_right"


class ForwardChain:
    """One chain's forward pass of one sentence. Views of a trace without its batch axis, (T, …)."""

    def __init__(self, chain: engine.ChainTrace) -> None:
        """chain : of a batch of one."""
        self.chain = chain
        self.h_prev: Array = chain.h_prev[:, 0]
        seen = chain.seen
        self.preactivation: Array = seen.preactivation[:, 0]
        self.activated: Array = seen.activated[:, 0]
        # h_{t-1} W_hh with b_hn, where a cell keeps it apart
        self.recurrent: Array | None = None if seen.recurrent is None else seen.recurrent[:, 0]
        self.h: Array = chain.h[:, 0]
        self.bias_inside = chain.bias_inside[:, 0]

    @cached_property
    def x(self) -> Array:
        """The one-hot words (T, V)."""
        x: Array = self.chain.x.dense()[:, 0]
        return x

    @cached_property
    def gates(self) -> dict[str, Array]:
        """The gates by name, each (T, H); none for a cell that is all activation."""
        return self.chain.by_name(self.activated)

    @property
    def c(self) -> Array | None:
        """The cell state c_t (T, H), of a cell that has one."""
        return None if self.chain.c is None else self.chain.leaving(self.chain.c)[:, 0]

    @property
    def c_prev(self) -> Array | None:
        """The cell state that step t was entered with (T, H)."""
        return None if self.chain.c is None else self.chain.entering(self.chain.c)[:, 0]

    @cached_property
    def highway(self) -> Array | None:
        """dc_T/dc_t along the road alone, the product of forget gates (T, H), of a cell that has one."""
        highway = self.chain.highway
        return None if highway is None else highway[:, 0]

    @property
    def along_road(self) -> Array | None:
        """The product of the gates that carry c_t, or else h_t, past the recurrent product (T, H)."""
        road = self.chain.along_road
        return None if road is None else road[:, 0]

    @cached_property
    def input_term(self) -> Array:
        """x_t W_xh (T, G·H)."""
        term: Array = self.chain.input_term[:, 0]
        return term

    @cached_property
    def recurrent_term(self) -> Array:
        """h_{t-1} W_hh (T, G·H)."""
        term: Array = self.chain.recurrent_term[:, 0]
        return term


class Forward(ForwardChain):
    """A forward pass of one sentence: its chain from left to right, the others, and the readout.

    readout_input, logit, y_hat : (D,), (O,), (O,); where every step predicts, (T, …)
    """

    def __init__(self, trace: engine.Trace) -> None:
        """trace : of a batch of one."""
        super().__init__(trace.chains[LEFT])
        self.trace = trace
        self.output_bias_inside = trace.output_bias_inside
        self.readout_input: Array = trace.readout_input[..., 0, :]
        self.logit: Array = trace.logit[..., 0, :]
        self.y_hat: Array = trace.y_hat[..., 0, :]

    @property
    def chains(self) -> dict[str, ForwardChain]:
        """The chains by name, this one first."""
        return {LEFT: self, **self._others}

    @cached_property
    def _others(self) -> dict[str, ForwardChain]:
        # This one is not among what it keeps: in a circle a run would live on until the collector comes.
        return {name: ForwardChain(chain) for name, chain in self.trace.chains.items() if name != LEFT}


class BackwardChain:
    """One chain's backward pass of one sentence; what is dear to compute is computed when asked for."""

    def __init__(self, chain: engine.ChainBackward) -> None:
        """chain : of a batch of one."""
        self.chain = chain
        self.d_h: Array = chain.d_h[:, 0]
        self.d_preactivation: Array = chain.d_preactivation[:, 0]

    @property
    def d_c(self) -> Array | None:
        """∂L/∂c_t (T, H), of a cell that has one."""
        return None if self.chain.d_c is None else self.chain.d_c[:, 0]

    @cached_property
    def slope(self) -> Array:
        """f'(a_t) of every gate (T, G·H)."""
        return self.chain.slope[:, 0]

    @cached_property
    def d_x(self) -> Array:
        """∂L/∂x_t (T, V)."""
        d_x: Array = self.chain.d_x[:, 0]
        return d_x

    @cached_property
    def d_h_0(self) -> Array:
        """∂L/∂h_0 (H,)."""
        d_h_0: Array = self.chain.d_h_0[0]
        return d_h_0

    @cached_property
    def d_h_norm(self) -> Array:
        """‖∂L/∂h_t‖ (T,), without underflow."""
        return self.chain.d_h_norm[:, 0]

    @cached_property
    def d_h_carried(self) -> Array:
        """What of ∂L/∂h_t comes back from the steps read after t (T, H); the rest is step t's own loss's."""
        d_h_carried: Array = self.chain.d_h_carried[:, 0]
        return d_h_carried

    @cached_property
    def d_preactivation_norm(self) -> Array:
        """‖∂L/∂a_t‖ (T,), without underflow."""
        return self.chain.d_preactivation_norm[:, 0]

    @cached_property
    def dh_dh_prev(self) -> Array:
        """∂h_t/∂h_{t-1} (T, H, H), rows out, columns in; a cell state is held."""
        return self.chain.dh_dh_prev[:, 0]

    @cached_property
    def dhT_dh_norm(self) -> Array:
        """Spectral norm of ∂h_T/∂h_t (T,), through a cell state too; T is the last step walked."""
        chain = self.chain
        norms = chain.norms_from(self.dh_dh_prev[:, None]) if chain.jacobians_suffice else chain.dhT_dh_norm
        return norms[:, 0]


class Backward(BackwardChain):
    """A backward pass of one sentence: its chain from left to right, the others, and the readout.

    d_logit : (O,); where every step predicts, (T, O)
    """

    def __init__(self, back: engine.Backward) -> None:
        """back : of a batch of one."""
        super().__init__(back.chains[LEFT])
        self.back = back
        self.d_logit: Array = back.d_logit[..., 0, :]

    @cached_property
    def d_y_hat(self) -> Array:
        """∂L/∂ŷ (O,); where every step predicts, (T, O)."""
        d_y_hat: Array = self.back.d_y_hat[..., 0, :]
        return d_y_hat

    @cached_property
    def d_input(self) -> Array:
        """∂L/∂(readout input) (D,); where every step predicts, (T, D)."""
        d_input: Array = self.back.d_input[..., 0, :]
        return d_input

    @property
    def chains(self) -> dict[str, BackwardChain]:
        """The chains by name, this one first."""
        return {LEFT: self, **self._others}

    @cached_property
    def _others(self) -> dict[str, BackwardChain]:
        # This one is not among what it keeps: in a circle a run would live on until the collector comes.
        return {name: BackwardChain(chain) for name, chain in self.back.chains.items() if name != LEFT}


class Update:
    """One gradient step and the run after it; forward and loss are None where problem says why."""

    def __init__(self, update: engine.Update) -> None:
        """update : of a batch of one."""
        self.learning_rate = update.learning_rate
        self.gradient_norm = update.gradient_norm
        self.clip_scale = update.clip_scale
        self.parameters: Parameters = update.parameters
        self.trace = update.trace
        self.y_hat: Array | None = None if update.y_hat is None else update.y_hat[..., 0, :]
        self.loss = update.loss
        self.predicted_loss = update.predicted_loss
        self.problem = update.problem

    @cached_property
    def forward(self) -> Forward | None:
        """The run after it."""
        return None if self.trace is None else Forward(self.trace)
