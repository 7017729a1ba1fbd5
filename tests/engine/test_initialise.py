"""Initial draws: repeatable, and independent of each other."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.engine import EngineError, Network, draw_parameters, draw_state, with_recurrent_radius
from app.engine.initialise import STREAMS, spectral_radius, stream

LEFT = "left_to_right"
W_HH_ROW_OF_SEED_0 = [-0.40815728715089866, -0.4586751444864846, 0.5745719777439979]
STATE_OF_SEED_0 = [0.12483648035196615, -0.9842488921645962, -0.7130873165839178]


def test_same_seed_same_bytes() -> None:
    first, second = (draw_parameters(Network(), 5, 7) for _ in range(2))
    for group, named in first.items():
        for name, values in named.items():
            assert values.tobytes() == second[group][name].tobytes()
    assert draw_state(Network(), 7).tobytes() == draw_state(Network(), 7).tobytes()


def test_draws_are_kept_between_versions() -> None:
    """A permalink with a seed means these numbers."""
    parameters = draw_parameters(Network(), 5, 0)
    np.testing.assert_allclose(parameters[LEFT]["W_hh"][0], W_HH_ROW_OF_SEED_0, rtol=1e-15)
    np.testing.assert_allclose(draw_state(Network(), 0), STATE_OF_SEED_0, rtol=1e-15)


def test_another_seed_gives_other_numbers_everywhere() -> None:
    first, second = draw_parameters(Network(), 5, 1), draw_parameters(Network(), 5, 2)
    for group, named in first.items():
        for name, values in named.items():
            assert (values != second[group][name]).all()


def test_parameters_do_not_share_a_stream() -> None:
    parameters = draw_parameters(Network(hidden_size=3), 3, 0)[LEFT]
    assert not np.isin(parameters["W_xh"], parameters["W_hh"]).any()
    assert not np.isin(parameters["b_h"], parameters["W_hh"]).any()


def test_a_stream_taken_in_turn_is_the_stream_itself() -> None:
    """However much was drawn before from the others, half a buffer of the generator's numbers included."""
    for name, drawn in (("W_xh", 5), ("W_hh", 1), ("W_xh", 8), ("b_h", 3)):
        expected = stream(2**32 - 1, name)
        found = STREAMS.turn_to(2**32 - 1, name).random(drawn)
        assert found.tobytes() == expected.random(drawn).tobytes()


def test_threads_take_streams_of_their_own() -> None:
    alone = [draw_parameters(Network(), 40, seed)[LEFT]["W_xh"].tobytes() for seed in range(200)]
    with ThreadPoolExecutor(4) as threads:
        together = threads.map(lambda seed: draw_parameters(Network(), 40, seed)[LEFT]["W_xh"], range(200))
        assert [drawn.tobytes() for drawn in together] == alone


@pytest.mark.parametrize(
    "change", [{"activation": "relu"}, {"bias": "none"}, {"bias": "mixed"}, {"loss": "mse"}]
)
def test_changing_one_choice_leaves_the_draws_alone(change: dict[str, str]) -> None:
    plain, changed = draw_parameters(Network(), 5, 3), draw_parameters(Network(**change), 5, 3)  # type: ignore[arg-type]
    for group, named in changed.items():
        for name, values in named.items():
            np.testing.assert_array_equal(values, plain[group][name])


def test_a_word_more_leaves_the_earlier_rows_alone() -> None:
    shorter, longer = draw_parameters(Network(), 5, 3), draw_parameters(Network(), 6, 3)
    np.testing.assert_array_equal(longer[LEFT]["W_xh"][:5], shorter[LEFT]["W_xh"])
    for name in ("W_hh", "b_h"):
        np.testing.assert_array_equal(longer[LEFT][name], shorter[LEFT][name])


def test_draws_stay_within_one_over_the_root_of_the_width() -> None:
    parameters = draw_parameters(Network(hidden_size=100), 50, 0)
    for values in (*parameters[LEFT].values(), parameters["readout"]["W_hy"]):
        assert 0.09 < np.abs(values).max() < 0.1


@pytest.mark.parametrize("radius", [0.0, 0.5, 1.0, 1.5])
def test_recurrent_radius_is_the_spectral_radius(radius: float) -> None:
    W_hh = draw_parameters(Network(hidden_size=8), 5, 0, recurrent_radius=radius)[LEFT]["W_hh"]
    assert spectral_radius(W_hh) == pytest.approx(radius, abs=1e-12)


def test_recurrent_radius_scales_each_block_of_gates() -> None:
    W_hh = with_recurrent_radius(np.random.default_rng(0).normal(size=(3, 12)), 0.9)
    for block in np.split(W_hh, 4, axis=1):
        assert spectral_radius(block) == pytest.approx(0.9)


def test_recurrent_radius_of_a_matrix_without_one_is_refused() -> None:
    nilpotent = np.array([[0.0, 1.0], [0.0, 0.0]])
    with pytest.raises(
        EngineError, match=r"recurrent_radius must be reachable .* radius is 0, got 0.9"
    ) as caught:
        with_recurrent_radius(nilpotent, 0.9)
    assert caught.value.field == "recurrent_radius"
    np.testing.assert_array_equal(with_recurrent_radius(nilpotent, 0.0), nilpotent)
