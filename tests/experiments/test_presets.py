"""Each preset runs, and shows what its one line promises."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.experiments import query
from app.experiments.experiment import Experiment
from app.experiments.presets import Preset, presets, welcome
from app.experiments.run import Run, run

GOLDEN = {
    entry["id"]: entry
    for entry in json.loads((Path(__file__).parents[1] / "golden" / "runs.json").read_text("utf-8"))
}


def named(name: str, group: str | None = None) -> Preset:
    return next(preset for preset in presets() if preset.name == name and group in (None, preset.group))


def answer(name: str) -> Run:
    return run(named(name).experiment)


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_every_preset_runs_and_its_address_leads_back_to_it(preset: Preset) -> None:
    address = query.permalink(preset.experiment)
    path, _, text = address.partition("?")
    assert (
        path == "/"
        and Experiment(**query.parse(parse_qsl(text, keep_blank_values=True))) == preset.experiment
    )
    assert run(preset.experiment).backward.d_h_norm[0] >= 0


def test_no_two_presets_share_a_name_or_an_experiment() -> None:
    names = [(preset.group, preset.name) for preset in presets()]
    assert len(set(names)) == len(names)
    addresses = [query.to_query(preset.experiment) for preset in presets()]
    assert len(set(addresses)) == len(addresses)


def test_the_three_movie_reviews_carry_the_labels_of_the_notes() -> None:
    found = [(p.experiment.sentence, p.experiment.target) for p in presets() if p.group == "Movie reviews"]
    assert found == [("movie was good", 1), ("movie was bad", 0), ("movie was not good", 0)]


def test_cat_mat_rat_keeps_its_capital_and_says_that_labels_are_assumed() -> None:
    found = [p for p in presets() if p.group == "Cat, mat, rat"]
    assert [(p.experiment.sentence, p.experiment.target) for p in found] == [
        ("cat mat rat", 1), ("Rat rat mat", 1), ("mat mat cat", 0),
    ]  # fmt: skip
    assert all("assumed" in p.why for p in found)
    assert not any("assumed" in p.why for p in presets() if p.group == "Movie reviews")


def test_the_welcome_run_is_the_lecture_example() -> None:
    found = run(welcome())
    assert found.forward.y_hat[0] == pytest.approx(0.7233, abs=5e-5)
    assert found.loss == pytest.approx(GOLDEN["movie-R3-inside-tanh-bce"]["expect"]["loss"], abs=1e-9)
    assert set(found.weights_from.values()) == {"lecture"}
    assert query.to_query(welcome()) == query.to_query(named("movie was not good").experiment)


@pytest.mark.parametrize("name, golden", [
    ("cat mat rat", "catmatrat-R1-inside-tanh-bce"),
    ("Three steps", "catmatrat-R1-outside-tanh-mse"),
    ("Loss y − ŷ", "catmatrat-R1-inside-tanh-notes_difference"),
    ("One unit", "scalar-catmatrat-R1-inside-tanh-mse"),
    ("mat mat cat", "catmatrat-R3-inside-tanh-bce"),
    ("movie was good", "movie-R1-inside-tanh-bce"),
    ("movie was not good, LSTM", "lstm-movie-R3-bce"),
    ("movie was not good, GRU", "gru-movie-R3-bce"),
])  # fmt: skip
def test_a_preset_gives_the_numbers_of_the_golden_run(name: str, golden: str) -> None:
    expected: dict[str, Any] = GOLDEN[golden]["expect"]
    found = answer(name)
    assert found.loss == pytest.approx(expected["loss"], abs=1e-9)
    assert found.forward.y_hat.tolist() == pytest.approx(expected["forward"]["readout"]["y_hat"], abs=1e-9)


def test_the_four_step_network_has_four_states_and_no_bias() -> None:
    found = answer("Four steps, no bias")
    assert len(found.words) == 4 and "b_h" not in found.parameters["left_to_right"]


def test_the_mixed_three_step_network_gives_the_prediction_of_the_forward_page() -> None:
    assert answer("Three steps, mixed").forward.y_hat[0] == pytest.approx(0.679686, abs=5e-7)


def test_the_reversed_words_give_another_prediction() -> None:
    assert answer("good not was movie").forward.y_hat[0] == pytest.approx(0.6737, abs=5e-5)


def test_the_long_sentence_holds_its_cue_nineteen_steps_back_and_the_short_one_three() -> None:
    long, short = (p for p in presets() if p.experiment.corpus == "maharashtra")
    assert (len(long.experiment.words), len(short.experiment.words)) == (20, 4)
    assert "19 steps later" in long.why and "3 steps later" in short.why
    assert long.experiment.hidden_size == short.experiment.hidden_size == 8
