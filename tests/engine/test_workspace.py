"""Room that is taken for one answer after another holds nothing of the last one."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import (
    ChainTrace,
    EngineError,
    Network,
    Parameters,
    Update,
    backward,
    draw_parameters,
    forward,
    step_downhill,
)
from app.engine.workspace import (
    LARGEST,
    OF_EACH,
    OFTEN,
    SIZES,
    Workspace,
    blank_workspace,
    give_back,
    is_kept,
    room_for,
    shelf_of,
)
from app.experiments.experiment import Experiment
from app.experiments.run import run
from tests.engine.questions import Question, few, questions
from tests.engine.test_refill import numbers

NETWORK = Network(hidden_size=2)


def take(steps: int) -> Workspace:
    """Room for so many words."""
    return shelf_of(NETWORK, steps, 5).take(NETWORK, steps, 5)


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


def test_room_is_taken_by_one_at_a_time_and_taken_again() -> None:
    first, second, longer = take(3), take(3), take(4)
    assert first is not second
    assert longer.back.trace.x.shape == (4, 1, 5)
    number = id(first)
    give_back(first)
    del first
    assert id(take(3)) == number


@pytest.mark.parametrize(
    "hold",
    [
        lambda room: room.back.trace,
        lambda room: room.back.gradients,
        lambda room: room.back.gradients["left_to_right"]["W_hh"],
        lambda room: room.back.gradients["left_to_right"]["b_h"].total,
        lambda room: room.back.chains["left_to_right"].d_h,
        lambda room: room.back.trace.chains["left_to_right"].h[1:, 0],
        lambda room: room.back.trace.weights.parameters()["readout"]["W_hy"],
        lambda room: room.again.y_hat.base if room.again.y_hat.base is not None else room.again.logit,
    ],
)
def test_room_that_is_still_held_is_taken_by_nobody(hold: Callable[[Workspace], object]) -> None:
    room = take(5)
    number, held = id(room), hold(room)
    give_back(room)
    del room
    assert id(take(5)) != number
    assert held is not None


@pytest.mark.parametrize(
    "hold",
    [
        lambda chain: chain.h,
        lambda chain: chain.watched,
        lambda chain: chain.sigmoids,
        lambda chain: chain.floor,
        lambda chain: chain.floor.rooms["product"][1:],
    ],
)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_room_whose_floor_is_held_is_not_free(cell: str, hold: Callable[[ChainTrace], object]) -> None:
    room = blank_workspace(Network(cell=cell), 3, 5)
    assert room.is_free()
    held = hold(room.back.trace.chains["left_to_right"])
    assert not room.is_free()
    del held
    assert room.is_free()


def test_room_that_nobody_holds_is_free_after_both_passes() -> None:
    for network in (NETWORK, Network(cell="lstm", bidirectional=True), Network(cell="gru", bias="none")):
        room = blank_workspace(network, 3, 5)
        room.forward(draw_parameters(network, 5, 1), [1, 2, 1], None)
        step_downhill(room.back.trace, room.backward(1.0), 0.1, room=room.again)
        assert room.is_free()


def test_few_rooms_are_kept_and_no_large_ones() -> None:
    rooms = [take(6) for _ in range(OF_EACH + 3)]
    for room in rooms:
        give_back(room)
    assert len(shelf_of(NETWORK, 6, 5)) == OF_EACH
    assert is_kept(NETWORK, 12, 20)
    assert not is_kept(NETWORK, LARGEST, 20)
    assert not is_kept(NETWORK, 12, LARGEST)
    assert not is_kept(Network(hidden_size=128), 12, 20)


def test_no_room_is_made_for_a_size_that_comes_a_few_times() -> None:
    asked = Experiment(sentence="not met before this one is by anybody", hidden_size=7)
    found = [run(asked) for _ in range(OFTEN + 1)]
    assert [not each.rooms for each in found] == [True] * (OFTEN - 1) + [False] * 2
    assert len({each.loss for each in found}) == 1
    for k in range(SIZES):
        room_for(NETWORK, 100 + k, 5)
    assert not run(asked).rooms
