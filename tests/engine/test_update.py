"""One step downhill: its weights, its norm and its loss are those of the parameters it shows."""

import numpy as np
import pytest
from hypothesis import given

from app.engine import backward, forward, loss_of, step_downhill
from app.engine.plan import Example, Plan
from app.engine.training import train
from tests.engine.questions import Question, few, questions


@few
@given(questions(activations=("tanh", "sigmoid")))
def test_loss_after_a_step_is_that_of_the_parameters_it_shows(question: Question) -> None:
    trace, back = question.answer()
    update = step_downhill(trace, back, 0.1)
    if update.loss is None:
        return
    again = forward(question.network, update.parameters, question.words, question.h_0)
    assert update.loss == pytest.approx(loss_of(again, question.target)[0], rel=1e-12, abs=1e-15)
    for group, named in question.parameters.items():
        for name, values in named.items():
            moved = values - 0.1 * back.gradients[group][name].total
            np.testing.assert_allclose(update.parameters[group][name], moved, rtol=0, atol=1e-15)


@few
@given(questions())
def test_gradient_norm_is_over_the_parameters_and_nothing_else(question: Question) -> None:
    trace, back = question.answer()
    everything = [g.total.ravel() for group in back.gradients.values() for g in group.values()]
    norm = float(np.linalg.norm(np.concatenate(everything)))
    assert step_downhill(trace, back, 0.1).gradient_norm == pytest.approx(norm, rel=1e-12, abs=1e-300)


@few
@given(questions(activations=("tanh", "sigmoid")))
def test_a_training_step_is_a_step_downhill(question: Question) -> None:
    trace, back = question.answer()
    ids = question.words.ids[:, 0].tolist()
    target = back.target[:, 0].tolist() if question.network.per_step else question.target
    found = train(
        question.network,
        question.parameters,
        question.words.size,
        [Example(ids, target)],
        Plan(epochs=2),
        h_0=question.h_0,
    )
    first = step_downhill(trace, back, 0.1)
    if found.stop is not None or first.trace is None:
        return
    second = step_downhill(first.trace, backward(first.trace, question.target), 0.1)
    for group, named in second.parameters.items():
        for name, values in named.items():
            np.testing.assert_allclose(found.parameters[group][name], values, rtol=0, atol=1e-13)
