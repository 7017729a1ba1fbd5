"""Room that is lent for one answer after another holds nothing of the last one."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import EngineError, Network, Parameters, Update, backward, forward, step_downhill
from app.engine.workspace import LENT, Workspace, blank_workspace, is_lent, lent
from tests.engine.questions import Question, few, questions
from tests.engine.test_refill import numbers

NETWORK = Network(hidden_size=2)


def scaled(parameters: Parameters, factor: float) -> Parameters:
    return {
        group: {name: values * factor for name, values in named.items()}
        for group, named in parameters.items()
    }


def answered(room: Workspace, question: Question, factor: float = 1.0) -> None:
    ids = question.words.ids[:, 0].tolist()
    room.forward(scaled(question.parameters, factor), ids, question.h_0)
    room.backward(question.target)


def outcome(update: Update) -> list[object]:
    states = [] if update.trace is None else [chain.h.tobytes() for chain in update.trace.chains.values()]
    weights = [values.tobytes() for named in update.parameters.values() for values in named.values()]
    return [states, weights, update.loss, update.predicted_loss, update.gradient_norm, update.problem]


@few
@given(questions(), st.sampled_from([0.5, 1e200]))
def test_room_used_before_answers_as_fresh_arrays_do(question: Question, factor: float) -> None:
    trace, back = question.answer()
    steps, size = len(question.words.ids), question.words.size
    room = blank_workspace(question.network, steps, size)
    others = [(word + 1) % size for word in question.words.ids[:, 0].tolist()]
    with suppress(EngineError):  # what overflows leaves infinities behind
        room.forward(scaled(question.parameters, factor), others, np.full(question.h_0.shape, 0.7))
        back_before = room.backward(question.target)
        step_downhill(room.back.trace, back_before, 1.0, room=room.again)
    answered(room, question)
    assert numbers(room.back) == numbers(back)
    assert outcome(step_downhill(room.back.trace, room.back, 0.3, room=room.again)) == outcome(
        step_downhill(trace, back, 0.3)
    )


@few
@given(questions())
def test_without_a_first_state_room_begins_at_zeros(question: Question) -> None:
    room = blank_workspace(question.network, len(question.words.ids), question.words.size)
    answered(room, question)
    try:
        fresh = backward(
            forward(question.network, question.parameters, question.words, None), question.target
        )
    except EngineError:
        return
    room.forward(question.parameters, question.words.ids[:, 0].tolist(), None)
    assert numbers(room.backward(question.target)) == numbers(fresh)


def test_room_is_lent_to_one_at_a_time_and_lent_again() -> None:
    with lent(NETWORK, 3, 5) as first, lent(NETWORK, 3, 5) as second, lent(NETWORK, 4, 5) as longer:
        assert first is not second
        assert longer.back.trace.x.shape == (4, 1, 5)
    with lent(NETWORK, 3, 5) as again:
        assert again is first


def test_room_is_given_up_where_an_answer_failed() -> None:
    with pytest.raises(EngineError), lent(NETWORK, 3, 6) as failed:
        raise EngineError("no answer")
    with lent(NETWORK, 3, 6) as fresh:
        assert fresh is not failed


def test_large_room_is_not_kept() -> None:
    assert is_lent(NETWORK, 12, 20)
    assert not is_lent(NETWORK, LENT, 20)
    assert not is_lent(NETWORK, 12, LENT)
    assert not is_lent(Network(hidden_size=128), 12, 20)
