"""Any finite weights: every number of the answer is finite, or the question is refused."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import EngineError, Network, OneHot, backward, check_gradients, forward, step_downhill
from app.engine.credit import credit
from app.engine.network import parameter_shapes
from tests.engine.questions import few

CHOICES = {
    "elman": st.sampled_from(["inside", "outside", "mixed", "none"]),
    "lstm": st.sampled_from(["inside", "none"]),
    "gru": st.sampled_from(["inside", "none"]),
}
PARAMETERS = ["W_xh", "W_hh", "b_h", "b_hn", "W_hy", "b_y"]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    cell = draw(st.sampled_from(sorted(CHOICES)))
    per_step = draw(st.booleans())
    return Network(
        cell=cell,
        activation=draw(st.sampled_from(["tanh", "sigmoid", "relu", "identity"])),
        bias=draw(CHOICES[cell]),
        loss=draw(st.sampled_from(["bce", "mse", "difference"])),
        hidden_size=draw(st.integers(1, 3)),
        bidirectional=draw(st.booleans()),
        task="next_word" if per_step else "sentiment",
        outputs=3 if per_step else 1,
    )


exponents = st.sampled_from([-320, -300, -160, -20, -1, 0, 1, 3, 10, 100, 150, 160, 300, 308])


@settings(few, max_examples=200)
@given(
    networks(),
    st.lists(st.integers(0, 2), min_size=1, max_size=5),
    st.dictionaries(st.sampled_from(PARAMETERS), exponents),
    exponents,
    st.sampled_from([None, 1e-300, 1.0]),
    st.integers(0, 20),
)
def test_every_number_is_finite_or_the_question_refused(
    network: Network,
    ids: list[int],
    sizes: dict[str, int],
    rate: int,
    clip_norm: float | None,
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    parameters = {
        group: {
            name: random.choice([-1.0, 0.0, 0.7, 1.0], shape) * float(f"1e{sizes.get(name, 0)}")
            for name, shape in shapes.items()
        }
        for group, shapes in parameter_shapes(network, 3).items()
    }
    try:
        trace = forward(network, parameters, OneHot.of(ids, 3))
        back = backward(trace, ids if network.per_step else float(seed % 2))
    except EngineError as error:
        assert error.step is None or 1 <= error.step <= len(ids)
        return
    update = step_downhill(trace, back, float(f"1e{rate}"), clip_norm)
    check = check_gradients(trace, back)
    arrays = [trace.logit, trace.y_hat, back.loss, back.d_y_hat, back.d_logit, back.d_input]
    for chain in back.chains.values():
        arrays += [chain.trace.h, chain.trace.preactivation, chain.trace.activated]
        arrays += [chain.d_h, chain.slope, chain.d_preactivation]
        arrays += [chain.d_x, chain.d_h_0, chain.d_h_norm, chain.dh_dh_prev, chain.dhT_dh_norm]
        arrays += [chain.trace.input_term, chain.trace.recurrent_term, chain.d_preactivation_norm]
        arrays += [
            array
            for array in (chain.d_c, chain.d_c_0, chain.trace.c, chain.trace.highway)
            if array is not None
        ]
    if network.per_step:
        arrays += credit(back).values()
    for group in back.gradients.values():
        for gradient in group.values():
            arrays += [gradient.total, gradient.terms, gradient.norms, gradient.shares]
    arrays += [values for group in update.parameters.values() for values in group.values()]
    arrays.append(
        np.array([update.gradient_norm, update.clip_scale, update.predicted_loss, check.max_abs_error])
    )
    arrays.append(np.array([0.0 if update.loss is None else update.loss]))
    for values in arrays:
        assert np.isfinite(values).all()
    assert (update.loss is None) == (update.problem is not None)
