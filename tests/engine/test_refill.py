"""Passes that reuse their arrays, and passes that are repeated."""

import numpy as np
from hypothesis import given

from app.engine import Backward, backward, forward, refill
from tests.engine.golden import by_id, network_of, parameters_of, words_of
from tests.engine.questions import Question, few, questions


def numbers(back: Backward) -> list[bytes]:
    arrays = [back.loss, back.trace.y_hat]
    for chain in back.chains.values():
        arrays += [chain.trace.h, chain.d_h, chain.d_x, chain.dhT_dh_norm, chain.dh_dh_prev]
    for group in back.gradients.values():
        for gradient in group.values():
            arrays += [gradient.total, gradient.terms, gradient.norms, gradient.shares]
    return [np.ascontiguousarray(array).tobytes() for array in arrays]


@few
@given(questions())
def test_same_question_same_bytes(question: Question) -> None:
    assert numbers(question.answer()[1]) == numbers(question.answer()[1])


@few
@given(questions())
def test_refilled_arrays_hold_what_fresh_ones_would(question: Question) -> None:
    trace, back = question.answer()
    halved = {
        group: {name: values / 2 for name, values in named.items()}
        for group, named in question.parameters.items()
    }
    fresh = backward(forward(question.network, halved, question.words, question.h_0), question.target)
    for block in (*trace.weights.chains.values(), trace.weights.readout):
        block /= 2
    refill(back)
    assert numbers(back) == numbers(fresh)


@few
@given(questions())
def test_norms_left_out_of_a_pass_are_found_when_asked_for(question: Question) -> None:
    trace, measured = question.answer()
    unmeasured = backward(trace, question.target, norms=False)
    for group, named in measured.gradients.items():
        for name, gradient in named.items():
            again = unmeasured.gradients[group][name]
            np.testing.assert_array_equal(again.total, gradient.total)
            np.testing.assert_allclose(again.norms, gradient.norms, rtol=1e-9, atol=1e-300)


def test_a_pass_leaves_its_parameters_alone() -> None:
    run = by_id("movie-R3-outside-tanh-bce")
    parameters, untouched = parameters_of(run), parameters_of(run)
    backward(forward(network_of(run), parameters, words_of(run)), 0.0)
    for group, named in untouched.items():
        for name, values in named.items():
            np.testing.assert_array_equal(parameters[group][name], values)


@few
@given(questions())
def test_the_derivatives_of_some_steps_are_views(question: Question) -> None:
    """A loop may ask for those of each step alone: to find all of them anew would take T times as long."""
    for chain in question.answer()[1].chains.values():
        here = chain.local.at(slice(0, 1), 0)
        assert np.shares_memory(here.found, chain.local.found)
        np.testing.assert_array_equal(here.through, chain.local.through[:1])
