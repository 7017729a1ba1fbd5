"""Training: each way of stepping is what its formula says, and every run ends with an answer."""

from typing import Any

import numpy as np
import pytest

from app.engine import EngineError, Network, OneHot, Parameters, backward, draw_parameters, forward
from app.engine.cells import CELLS
from app.engine.plan import Epoch, Example, Plan, Training
from app.engine.training import train
from tests.engine.golden import by_id, close, network_of, parameters_of

LEFT = "left_to_right"
MOVIE = [Example([0, 1, 2], 1.0), Example([0, 1, 3], 0.0), Example([0, 1, 4, 2], 0.0)]
RUN = by_id("movie-R3-inside-tanh-bce")


def movie(plan: Plan, **more: Any) -> Training:
    return train(network_of(RUN), parameters_of(RUN), 5, MOVIE, plan, **more)


def by_hand(epochs: int, rate: float, groups: list[list[int]]) -> Parameters:
    """Plain descent, a sentence at a time."""
    parameters = parameters_of(RUN)
    for _ in range(epochs):
        for group in groups:
            backs = [
                backward(forward(network_of(RUN), parameters, OneHot.of(MOVIE[k].ids, 5)), MOVIE[k].target)
                for k in group
            ]
            for key, named in parameters.items():
                for name, values in named.items():
                    values -= rate * sum(back.gradients[key][name].total for back in backs) / len(group)
    return parameters


def assert_same(found: Parameters, expected: Parameters, atol: float = 1e-12) -> None:
    for group, named in expected.items():
        for name, values in named.items():
            np.testing.assert_allclose(found[group][name], values, rtol=0, atol=atol)


@pytest.mark.parametrize(("size", "groups"), [(None, [[0, 1, 2]]), (2, [[0, 1], [2]]), (1, [[0], [1], [2]])])
def test_batches_of_every_size_descend_the_mean_of_their_sentences(
    size: int | None, groups: list[list[int]]
) -> None:
    found = movie(Plan(epochs=5, learning_rate=0.5, batch_size=size))
    assert_same(found.parameters, by_hand(5, 0.5, groups))
    assert found.steps == 5 * len(groups)
    assert found.stop is None


def test_losses_are_those_before_each_step() -> None:
    found = movie(Plan(epochs=2, learning_rate=0.1))
    close(found.epochs[0].loss, 0.7084091547683791, 12)
    close(found.epochs[1].loss, 0.693111817319137, 9)


def test_the_three_reviews_are_learned_by_heart() -> None:
    found = movie(Plan(epochs=1000, learning_rate=0.5), held_out=[Example([0, 1, 4, 3], 1.0)])
    close(found.epochs[0].loss, 0.708, 3)
    close(found.epochs[-1].loss, 0.0008, 4)
    assert found.epochs[-1].held_out is not None
    assert found.epochs[-1].held_out > 5.0
    y_hat = forward(network_of(RUN), found.parameters, OneHot.of([0, 1, 4, 3], 5)).y_hat[0, 0]
    close(y_hat, 0.0001, 4)


def gradient(parameters: Parameters) -> dict[str, dict[str, Any]]:
    back = backward(
        forward(network_of(RUN), parameters, OneHot.batch([list(e.ids) for e in MOVIE], 5)),
        np.array([e.target for e in MOVIE]),
        mean=True,
    )
    return {g: {n: o.total for n, o in named.items()} for g, named in back.gradients.items()}


@pytest.mark.parametrize("optimiser", ["momentum", "adam"])
def test_optimisers_follow_their_formulas(optimiser: str) -> None:
    parameters = parameters_of(RUN)
    first = {g: {n: np.zeros_like(v) for n, v in named.items()} for g, named in parameters.items()}
    second = {g: {n: np.zeros_like(v) for n, v in named.items()} for g, named in parameters.items()}
    for count in (1, 2, 3):
        for g, named in gradient(parameters).items():
            for n, slope in named.items():
                if optimiser == "momentum":
                    first[g][n] = 0.9 * first[g][n] + slope
                    parameters[g][n] -= 0.1 * first[g][n]
                else:
                    first[g][n] = 0.9 * first[g][n] + 0.1 * slope
                    second[g][n] = 0.999 * second[g][n] + 0.001 * slope**2
                    m, v = first[g][n] / (1 - 0.9**count), second[g][n] / (1 - 0.999**count)
                    parameters[g][n] -= 0.1 * m / (np.sqrt(v) + 1e-8)
    assert_same(movie(Plan(epochs=3, optimiser=optimiser)).parameters, parameters)


def test_clipping_bounds_every_step() -> None:
    found = movie(Plan(epochs=1, learning_rate=1.0, clip_norm=0.01))
    moved = np.concatenate(
        [
            (found.parameters[g][n] - v).ravel()
            for g, named in parameters_of(RUN).items()
            for n, v in named.items()
        ]
    )
    assert np.linalg.norm(moved) == pytest.approx(0.01)
    record = found.epochs[0]
    assert record.clip_scale == pytest.approx(0.01 / record.gradient_norm)


def test_a_record_holds_the_norms_of_its_last_step() -> None:
    record = movie(Plan(epochs=1)).epochs[0]
    slopes = gradient(parameters_of(RUN))
    for group, named in slopes.items():
        for name, slope in named.items():
            assert record.parameter_norms[group][name] == pytest.approx(np.linalg.norm(slope))
    assert record.step_norms[LEFT].shape == (4,)
    squares = sum(np.square(slope).sum() for named in slopes.values() for slope in named.values())
    assert record.gradient_norm == pytest.approx(np.sqrt(squares))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("task", ["sentiment", "next_word"])
def test_every_network_learns_and_says_the_same_twice(cell: str, bidirectional: bool, task: str) -> None:
    per_step = task == "next_word"
    network = Network(
        cell=cell, bidirectional=bidirectional, task=task, outputs=5 if per_step else 1, hidden_size=4
    )
    examples = [Example(e.ids, [*e.ids[1:], -1]) for e in MOVIE] if per_step else MOVIE
    plan = Plan(epochs=40, learning_rate=0.3, optimiser="momentum", batch_size=2, shuffle=True, seed=3)
    parameters = draw_parameters(network, 5, 0)
    one, two = (train(network, parameters, 5, examples, plan) for _ in range(2))
    assert one.epochs[-1].loss < 0.8 * one.epochs[0].loss
    for group, named in one.parameters.items():
        for name, values in named.items():
            assert values.tobytes() == two.parameters[group][name].tobytes()
    other = train(network, parameters, 5, examples, Plan(**{**plan.__dict__, "seed": 4}))
    assert other.epochs[-1].loss != one.epochs[-1].loss


def test_a_window_truncates_the_gradient() -> None:
    """One step back only: the last step's contribution, the same as the notes' single term."""
    found = train(
        network_of(RUN), parameters_of(RUN), 5, MOVIE[2:], Plan(epochs=1, learning_rate=1.0, window=1)
    )
    back = backward(forward(network_of(RUN), parameters_of(RUN), OneHot.of([0, 1, 4, 2], 5)), 0.0)
    expected = parameters_of(RUN)[LEFT]["W_hh"] - back.gradients[LEFT]["W_hh"].terms[-1]
    np.testing.assert_allclose(found.parameters[LEFT]["W_hh"], expected, atol=1e-15)


def test_training_stops_when_the_loss_is_low_enough() -> None:
    found = movie(Plan(epochs=1000, learning_rate=0.5, stop_below=0.1))
    assert found.stop is not None
    assert found.stop.reason == "reached"
    assert found.stop.message == f"the loss fell below 0.1 in epoch {found.epochs[-1].epoch}"
    assert found.epochs[-1].loss < 0.1 < found.epochs[-2].loss


def test_training_stops_when_nothing_gets_better() -> None:
    wrong = [Example([0, 1, 2], 0.0)]
    found = movie(Plan(epochs=1000, learning_rate=0.5, patience=7), held_out=wrong)
    assert found.stop is not None
    assert found.stop.reason == "patience"
    assert "no better loss in the 7 epochs before epoch" in found.stop.message
    losses = [epoch.held_out for epoch in found.epochs]
    assert len(losses) - 1 - int(np.argmin(np.array(losses, float))) == 7


def test_progress_is_told_every_record_and_may_cancel() -> None:
    seen: list[int] = []

    def watch(epoch: Epoch) -> bool:
        seen.append(epoch.epoch)
        return epoch.epoch < 20

    found = movie(Plan(epochs=100, record_every=10), progress=watch)
    assert seen == [1, 10, 20] == [epoch.epoch for epoch in found.epochs]
    assert found.stop is not None
    assert found.stop.reason == "cancelled"
    assert found.stop.message == "training was cancelled after epoch 20"


def test_training_ends_between_two_epochs_when_it_is_enough() -> None:
    """The epoch gets a record whether one was due or not; after the last there is nothing to end."""
    asked = iter([False] * 6 + [True])
    found = movie(Plan(epochs=100, record_every=50), enough=lambda: next(asked))
    assert [epoch.epoch for epoch in found.epochs] == [1, 7] and found.steps == 7
    assert found.stop is not None and found.stop.message == "training was cancelled after epoch 7"
    assert movie(Plan(epochs=1), enough=lambda: True).stop is None


def exploding() -> tuple[Network, Parameters]:
    network = Network(activation="relu", bias="none", loss="mse", hidden_size=1)
    return network, {
        LEFT: {"W_xh": np.array([[1.0]]), "W_hh": np.array([[1.3]])},
        "readout": {"W_hy": np.array([[-1.0]])},
    }


@pytest.mark.parametrize("rate", [1e300, 1e200])
def test_a_diverging_run_says_where_and_keeps_what_it_had(rate: float) -> None:
    network = Network(activation="identity", bias="none", loss="difference", hidden_size=1)
    parameters: Parameters = {
        LEFT: {"W_xh": np.array([[1.0]]), "W_hh": np.array([[1.0]])},
        "readout": {"W_hy": np.array([[0.1]])},
    }
    plan = Plan(epochs=50, learning_rate=rate)
    found = train(network, parameters, 1, [Example([0] * 20, 1.0)], plan)
    assert found.stop is not None
    assert found.stop.reason == "diverged"
    assert found.stop.step == found.steps == len(found.epochs) + 1
    assert found.stop.parameter is not None
    assert found.stop.value is not None
    assert found.stop.parameter in found.stop.message
    assert f"step {found.stop.step}" in found.stop.message
    assert "training must stay finite" in found.stop.message
    assert np.isfinite(forward(network, found.parameters, OneHot.of([0] * 20, 1)).y_hat).all()


def test_a_weight_that_outgrows_the_numbers_is_named() -> None:
    network = Network(activation="identity", bias="none", loss="difference", hidden_size=1)
    parameters: Parameters = {
        LEFT: {"W_xh": np.array([[1e160]]), "W_hh": np.array([[0.0]])},
        "readout": {"W_hy": np.array([[1e-160]])},
    }
    found = train(network, parameters, 1, [Example([0], 1.0)], Plan(epochs=3, learning_rate=1e200))
    assert found.stop is not None
    assert (found.stop.step, found.stop.parameter) == (1, "readout.W_hy[0, 0]")
    assert found.stop.message == "training must stay finite, step 1 made readout.W_hy[0, 0] inf"
    assert_same(found.parameters, parameters)


def test_training_leaves_the_parameters_it_was_given_alone() -> None:
    parameters = parameters_of(RUN)
    train(network_of(RUN), parameters, 5, MOVIE, Plan(epochs=3))
    assert_same(parameters, parameters_of(RUN), 0.0)


def test_no_epochs_leave_everything_as_it_is() -> None:
    found = movie(Plan(epochs=0))
    assert (found.epochs, found.steps, found.stop) == ([], 0, None)
    assert_same(found.parameters, parameters_of(RUN), 0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimiser": "lbfgs"}, "optimiser must be one of sgd, momentum, adam, got 'lbfgs'"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"window": 0}, "window must be at least 1, got 0"),
        ({"patience": 0}, "patience must be at least 1, got 0"),
        ({"epochs": -1}, "epochs must be at least 0, got -1"),
        ({"record_every": 0}, "record_every must be at least 1, got 0"),
    ],
)
def test_plans_that_are_none_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError, match=message) as caught:
        Plan(**change)
    assert caught.value.field == next(iter(change))


def test_a_corpus_without_sentences_is_refused() -> None:
    with pytest.raises(EngineError, match="examples must hold at least 1 sentence, got 0"):
        train(Network(), draw_parameters(Network(), 5, 0), 5, [], Plan())


def test_targets_of_another_length_are_refused() -> None:
    network = Network(task="next_word", outputs=5)
    with pytest.raises(EngineError, match="target must name a word for each of 3 steps, got 2"):
        train(network, draw_parameters(network, 5, 0), 5, [Example([0, 1, 2], [1, 2])], Plan())
