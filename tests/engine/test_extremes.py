"""Any finite weights: every number of the answer is finite, or the question is refused."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.engine import EngineError, Network, OneHot, backward, check_gradients, forward, step_downhill
from app.engine.network import parameter_shapes
from tests.engine.questions import LEFT, few

exponents = st.sampled_from([-320, -300, -160, -20, -1, 0, 1, 3, 10, 100, 150, 160, 300, 308])


@few
@given(
    st.builds(
        Network,
        activation=st.sampled_from(["tanh", "sigmoid", "relu", "identity"]),
        bias=st.sampled_from(["inside", "outside", "mixed", "none"]),
        loss=st.sampled_from(["bce", "mse", "difference"]),
        hidden_size=st.integers(1, 3),
    ),
    st.lists(st.integers(0, 2), min_size=1, max_size=5),
    st.dictionaries(st.sampled_from(["W_xh", "W_hh", "b_h", "W_hy", "b_y"]), exponents),
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
        back = backward(trace, float(seed % 2))
    except EngineError as error:
        assert error.step is None or 1 <= error.step <= len(ids)
        return
    update = step_downhill(trace, back, float(f"1e{rate}"), clip_norm)
    check = check_gradients(trace, back)
    chain = back.chains[LEFT]
    arrays = [
        chain.trace.h,
        chain.trace.preactivation,
        chain.trace.activated,
        trace.logit,
        trace.y_hat,
        back.loss,
    ]
    arrays += [back.d_y_hat, back.d_logit, back.d_input, chain.d_h, chain.slope, chain.d_preactivation]
    arrays += [chain.d_x, chain.d_h_0, chain.d_h_norm, chain.dh_dh_prev, chain.dhT_dh_norm]
    arrays += [chain.trace.input_term, chain.trace.recurrent_term, chain.d_preactivation_norm]
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
