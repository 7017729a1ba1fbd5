"""The answer: where weights come from, what is lazy, and a defined outcome for every question."""

from __future__ import annotations

import gc
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.answer import PARTS, answer
from app.engine import ChainTrace, Network, parameter_shapes
from app.engine.workspace import OFTEN, shelf_of
from app.experiments.cost import multiply_adds
from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run


def lecture(**fields: Any) -> Run:
    return run(Experiment(**{"sentence": "movie was not good", "target": 0, "weights": "lecture", **fields}))


def origins(found: Run) -> list[str]:
    return list(found.weights_from.values())


@pytest.mark.parametrize("fields", [{}, {"bidirectional": True, "cell": "lstm"}, {"task": "next_word"}])
def test_an_answered_run_frees_its_arrays_at_once(fields: dict[str, Any]) -> None:
    """Kept until the collector comes, the runs of hundreds of requests would stand in memory."""
    gc.disable()
    try:
        found = run(Experiment(sentence="movie was not good", **fields))
        answer(found, PARTS, [])
        kept = [weakref.ref(found.forward), weakref.ref(found.backward), weakref.ref(found.update)]
        del found
        assert [of() for of in kept] == [None, None, None]
    finally:
        gc.enable()


def test_the_lectures_weights_answer_the_lectures_numbers() -> None:
    found = lecture()
    assert found.loss == pytest.approx(1.2846840862531625, abs=1e-12)
    assert set(origins(found)) == {"lecture"}


def test_the_lectures_rows_follow_the_word_whatever_its_place() -> None:
    shuffled = lecture(vocabulary=["not", "good", "bad", "was", "movie"])
    assert shuffled.loss == pytest.approx(lecture().loss, abs=1e-14)
    assert shuffled.parameters["left_to_right"]["W_xh"][0].tolist() == [-0.3, 0.6, -0.4]


def test_words_the_lecture_does_not_cover_are_drawn() -> None:
    found = lecture(sentence="movie was great", seed=3)
    drawn = run(Experiment(sentence="movie was great", seed=3)).parameters["left_to_right"]["W_xh"]
    W_xh = found.parameters["left_to_right"]["W_xh"]
    assert found.weights_from["left_to_right.W_xh"] == "lecture and drawn"
    assert W_xh[-1].tolist() == drawn[-1].tolist() and W_xh[0].tolist() == [0.2, -0.1, 0.3]


def test_sizes_the_lecture_does_not_cover_are_drawn() -> None:
    assert set(origins(lecture(hidden_size=4))) == {"drawn"}


def test_given_values_win_over_the_lecture_and_edits_over_both() -> None:
    edits = [{"name": "readout.b_y", "index": [0], "value": 9}]
    found = lecture(parameters={"readout": {"b_y": [5], "W_hy": [[1], [2], [3]]}}, edits=edits)
    assert found.parameters["readout"]["b_y"].tolist() == [9]
    assert (found.weights_from["readout.b_y"], found.weights_from["readout.W_hy"]) == (
        "given and edited",
        "given",
    )


def test_an_edit_moves_one_entry_alone() -> None:
    plain, edited = lecture(), lecture(edits=[{"name": "left_to_right.W_hh", "index": [0, 1], "value": 2}])
    moved = plain.parameters["left_to_right"]["W_hh"] != edited.parameters["left_to_right"]["W_hh"]
    assert np.argwhere(moved).tolist() == [[0, 1]]
    assert edited.weights_from["left_to_right.W_hh"] == "lecture and edited"


def test_edits_of_absent_biases_are_set_aside() -> None:
    found = lecture(bias="none", edits=[{"name": "left_to_right.b_h", "index": [0], "value": 2}])
    assert "b_h" not in found.parameters["left_to_right"]


@pytest.mark.parametrize("weights", ["drawn", "lecture"])
def test_recurrent_radius_is_reached(weights: str) -> None:
    found = lecture(weights=weights, recurrent_radius=1.25)
    eigenvalues = np.linalg.eigvals(found.parameters["left_to_right"]["W_hh"])
    assert np.abs(eigenvalues).max() == pytest.approx(1.25, abs=1e-12)


def test_all_parameters_given_need_no_draw() -> None:
    drawn = lecture(weights="drawn")
    parameters = {group: {name: array.tolist() for name, array in names.items()}
                  for group, names in drawn.parameters.items()}  # fmt: skip
    again = lecture(weights="drawn", parameters=parameters, seed=99)
    assert again.loss == drawn.loss and set(origins(again)) == {"given"}


def test_inputs_are_views_of_what_was_asked() -> None:
    found = lecture(sentence="Movie WAS movie")
    assert (found.words, found.tokens, found.ids) == (
        ("Movie", "WAS", "movie"),
        ("movie", "was", "movie"),
        (0, 1, 0),
    )
    assert found.forward.x.tolist() == np.eye(5)[[0, 1, 0]].tolist()


def test_terms_of_the_recurrence_add_up() -> None:
    forward = lecture().forward
    b_h = lecture().parameters["left_to_right"]["b_h"]
    assert forward.preactivation == pytest.approx(
        forward.input_term + forward.recurrent_term + b_h, abs=1e-15
    )


def test_the_first_gradient_reaches_the_initial_state() -> None:
    back = lecture().backward
    W_hh = lecture().parameters["left_to_right"]["W_hh"]
    assert back.d_h_0 == pytest.approx(W_hh @ back.d_preactivation[0], abs=1e-15)


def test_the_experiments_of_two_runs_do_not_share_arrays() -> None:
    one, other = lecture(), lecture()
    one.parameters["left_to_right"]["W_hh"][0, 0] = 7
    assert other.parameters["left_to_right"]["W_hh"][0, 0] == 0.3
    assert lecture().parameters["left_to_right"]["W_hh"][0, 0] == 0.3


def test_work_grows_with_what_is_asked() -> None:
    def work(parts: tuple[str, ...], **fields: Any) -> int:
        return multiply_adds(Experiment(sentence="a b c", **fields), parts, check_work=10**7)

    assert work(()) < work(("backward",)) < work(("backward", "check"))
    assert work((), hidden_size=8) < work((), hidden_size=64)
    assert work((), hidden_size=8) < work(("contributions",), hidden_size=8)


EXTREME = st.sampled_from([0.0, 1e-300, -1e-300, 1e-9, 1.0, -1.0, 30.0, 1e6, -1e6])


def rows(count: int, width: int) -> st.SearchStrategy[list[list[float]]]:
    return st.lists(st.lists(EXTREME, min_size=width, max_size=width), min_size=count, max_size=count)


@settings(deadline=None, max_examples=150)
@given(
    st.fixed_dictionaries({
        "sentence": st.sampled_from(["a", "b a", "a b " * 10, "b " * 120]),
        "vocabulary": st.just(["a", "b"]),
        "target": st.sampled_from([0, 1]),
        "activation": st.sampled_from(["tanh", "sigmoid", "relu", "identity"]),
        "bias": st.sampled_from(["inside", "outside", "mixed", "none"]),
        "loss": st.sampled_from(["bce", "mse", "difference"]),
        "learning_rate": st.sampled_from([0.0, 0.1, 1e6]),
        "clip_norm": st.sampled_from([None, 1e-12, 1.0]),
        "hidden_size": st.just(2),
        "initial_state": st.sampled_from(["zeros", [1e6, -1e6]]),
        "parameters": st.fixed_dictionaries({
            "left_to_right": st.fixed_dictionaries({
                "W_xh": rows(2, 2), "W_hh": rows(2, 2), "b_h": st.lists(EXTREME, min_size=2, max_size=2),
            }),
            "readout": st.fixed_dictionaries({
                "W_hy": rows(2, 1), "b_y": st.lists(EXTREME, min_size=1, max_size=1),
            }),
        }),
    })
)  # fmt: skip
def test_every_question_has_a_finite_answer_or_a_plain_refusal(fields: dict[str, Any]) -> None:
    is_answered_or_refused(fields)


def is_answered_or_refused(fields: dict[str, Any]) -> None:
    experiment = Experiment(**fields)
    try:
        body = json.loads(answer(run(experiment), PARTS, []))
    except ExperimentError as error:
        assert all("finite" in fault.message or "(0, 1)" in fault.message for fault in error.errors)
        return
    nulls = [name for name, value in body["update"].items() if value is None]
    assert nulls == ["problem"] or body["update"]["problem"]
    body = {name: body[name] for name in ("loss", "forward", "backward", "gradients", "check")}
    assert "null" not in json.dumps(body, allow_nan=False)


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """An experiment of any cell, direction and task, with extreme numbers in every parameter."""
    network = Network(
        cell=draw(st.sampled_from(["elman", "lstm", "gru"])),
        hidden_size=2,
        bidirectional=draw(st.booleans()),
        task=draw(st.sampled_from(["sentiment", "next_word"])),
    )
    network = replace(network, outputs=2 if network.per_step else 1)
    given = {
        group: {name: draw(filled(shape)) for name, shape in names.items()}
        for group, names in parameter_shapes(network, 2).items()
    }
    return {
        "cell": network.cell, "bidirectional": network.bidirectional, "task": network.task,
        "parameters": given, "vocabulary": ["a", "b"],
        "sentence": draw(st.sampled_from(["b a", "a b " * 10, "b " * 120])),
        "learning_rate": draw(st.sampled_from([0.0, 0.1, 1e6])),
    }  # fmt: skip


def filled(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Nested lists of a shape."""
    if not shape:
        return EXTREME
    return st.lists(filled(shape[1:]), min_size=shape[0], max_size=shape[0])


@settings(deadline=None, max_examples=150)
@given(networks())
def test_every_network_has_a_finite_answer_or_a_plain_refusal(fields: dict[str, Any]) -> None:
    is_answered_or_refused(fields)


def test_runs_that_live_at_once_share_no_arrays() -> None:
    """Several threads ask for networks of the same sizes at once; some of their runs are kept meanwhile."""
    asked = [
        Experiment(sentence=sentence, seed=seed, cell=cell, initial_state=state)
        for seed, sentence in enumerate(("movie was not good", "good movie was not", "was was was was"))
        for cell in ("elman", "gru")
        for state in ("zeros", "random")
    ]
    kept = [run(experiment) for experiment in asked * OFTEN][-len(asked) :]
    assert all(found.rooms for found in kept)
    first = [answer(found, PARTS, []) for found in kept]
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda experiment: answer(run(experiment), PARTS, []), asked * 3))
    assert others == first * 3
    for found in kept:
        del found.__dict__["update"]  # to be found again
    assert [answer(found, PARTS, []) for found in kept] == first


def test_two_threads_that_ask_for_one_update_do_not_write_into_each_other() -> None:
    """From Python 3.12 on a cached property may be found twice at once; the second pass has one room."""
    found = [run(Experiment(sentence="movie was not good", seed=7)) for _ in range(OFTEN)][-1]
    first, second = (type(found).__dict__["update"].func(found) for _ in range(2))
    assert not np.shares_memory(first.trace.weights.flat, second.trace.weights.flat)
    assert not np.shares_memory(first.trace.chains["left_to_right"].h, second.trace.chains["left_to_right"].h)
    assert first.loss == second.loss and first.y_hat.tobytes() == second.y_hat.tobytes()


def test_room_goes_back_when_neither_a_run_nor_a_copy_of_it_is_held() -> None:
    experiment = Experiment(sentence="movie was not good", hidden_size=7)
    found = [run(experiment) for _ in range(OFTEN)][-1]
    copy = replace(found, rooms=[])
    shelf = shelf_of(found.network, len(found.words), len(found.vocabulary))
    shelf.clear()
    del found
    assert not shelf
    room = copy.lent.room
    del copy
    assert shelf == [room] and room.is_free()


def test_what_is_kept_of_a_run_that_is_gone_stays_as_it_was() -> None:
    experiment = Experiment(sentence="movie was not good", seed=5)
    found = [run(experiment) for _ in range(OFTEN)][-1]
    assert found.rooms
    back = found.backward.back
    del found
    before = back.d_logit.tobytes(), back.chains["left_to_right"].d_h.tobytes()
    for seed in range(4):
        run(experiment.changed(seed=seed))
    assert (back.d_logit.tobytes(), back.chains["left_to_right"].d_h.tobytes()) == before


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_to_be_seen_of_a_chain_is_found_once(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few units it is put together whenever the engine is asked."""
    asked: list[ChainTrace] = []
    find = ChainTrace.seen.fget
    monkeypatch.setattr(ChainTrace, "seen", property(lambda chain: asked.append(chain) or find(chain)))
    chain = run(Experiment(sentence="a good movie", cell=cell)).forward
    found = [chain.preactivation, chain.activated, *chain.gates.values(), chain.recurrent]
    assert len(asked) == 1
    assert len([array for array in found if array is not None]) == 2 + len(chain.gates) + (cell == "gru")
