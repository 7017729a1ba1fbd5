"""The charts: valid for Plotly, coloured by token, and true to the engine."""

from __future__ import annotations

import itertools
import json
import math
import re
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import pytest

from app.experiments.experiment import Experiment
from app.experiments.presets import presets
from app.experiments.run import Run, run
from app.figures import Chart, charts
from app.figures.chart import label, tint
from app.figures.norms import decades
from app.figures.writing import number, rounded
from tests.engine.golden import by_id

R3 = {"sentence": "movie was not good", "target": 0, "weights": "lecture"}
UNUSUAL = {
    "one word": {"sentence": "movie"},
    "one unit": {"sentence": "movie was", "hidden_size": 1},
    "dead ReLU": {"sentence": "bad bad bad", "activation": "relu", "weights": "lecture", "edits": [
        {"name": "left_to_right.b_h", "index": [k], "value": -9.0} for k in range(3)]},
    "large states": {"sentence": "not so good", "activation": "identity", "recurrent_radius": 9.0, "seed": 3},
    "vanishing": {"sentence": "a " * 100, "activation": "sigmoid", "recurrent_radius": 0.01},
    "no bias": {"sentence": "movie was good", "bias": "none"},
    "mixed bias": {"sentence": "movie was good", "bias": "mixed", "loss": "mse"},
    "first state": {"sentence": "cat", "initial_state": [0.1, -0.2, 0.3], "corpus": "catmatrat"},
    "hostile word": {"sentence": "<script>alert(1)</script> ‮ 👩‍🏫 <a href='x'>&amp;"},
    "many units": {"sentence": "movie was not good", "hidden_size": 40},
}  # fmt: skip


def answer(**fields: Any) -> Run:
    return run(Experiment(**fields))


def by_name(found: Run) -> dict[str, Chart]:
    return {chart.name: chart for chart in charts(found)}


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


EVERY = [pytest.param(preset.experiment, id=preset.name) for preset in presets()] + [
    pytest.param(Experiment(**fields), id=name) for name, fields in UNUSUAL.items()
]


@pytest.mark.parametrize("experiment", EVERY)
def test_every_view_is_a_figure_to_plotly_and_every_number_is_finite(experiment: Experiment) -> None:
    for chart in charts(run(experiment)):
        keys = {
            ".".join(o.key for o in choice)
            for choice in itertools.product(*(s.options for s in chart.switches))
        }
        assert set(chart.views) == keys
        for view in chart.views.values():
            go.Figure(view)
            # JSON turns what is not finite into null, which Plotly leaves out in silence.
            assert b"null" not in orjson.dumps(view)
        assert chart.caption and chart.title and chart.table.rows
        assert all(len(row) == len(chart.table.head) for row in chart.table.rows)
        assert "nan" not in json.dumps(chart.table.rows) and "inf" not in json.dumps(chart.table.rows)


def colours(value: Any, key: str = "") -> list[str]:
    if isinstance(value, dict):
        return [found for k, v in value.items() for found in colours(v, k)]
    if isinstance(value, list):
        return [found for v in value for found in colours(v, key)]
    return [value] if isinstance(value, str) and ("color" in key or key == "colorscale") else []


def test_every_colour_is_a_token_so_that_the_theme_decides() -> None:
    found = [c for chart in charts(answer(**R3)) for view in chart.views.values() for c in colours(view)]
    assert len(found) > 100
    assert {c for c in found if not re.fullmatch(r"var\(--[a-z0-9-]+\)", c)} == {"rgba(0,0,0,0)"}


def test_no_label_carries_markup_that_plotly_would_style_inline() -> None:
    for chart in charts(answer(**UNUSUAL["hostile word"])):
        text = orjson.dumps(chart.views).decode()
        assert set(re.findall(r"<(/?\w+)", text)) <= {"br", "extra", "/extra"}
        assert "\\u202e" not in json.dumps(chart.views).lower() and "<script" not in chart.caption


def test_the_heat_map_holds_the_states_of_the_lecture_example() -> None:
    heat = by_name(answer(**R3))["states"].views[""]["data"][0]
    h_4 = [row[3] for row in heat["z"]]
    assert h_4 == pytest.approx([0.685221, -0.459598, 0.531457], abs=5e-7)
    assert (heat["zmin"], heat["zmax"]) == (-1.0, 1.0) and heat["x"] == [1, 2, 3, 4]


def test_cells_carry_their_number_in_the_ink_of_their_colour_while_they_fit() -> None:
    data = by_name(answer(**R3))["states"].views[""]["data"]
    assert data[1]["text"][:3] == [".291", "−.197", ".462"]
    assert data[1]["textfont"]["color"][9] == "var(--v-p7-ink)"  # .685
    assert len(by_name(answer(**UNUSUAL["many units"]))["states"].views[""]["data"]) == 1


def test_states_beyond_one_get_a_wider_scale_that_is_named() -> None:
    found = answer(**UNUSUAL["large states"])
    chart = by_name(found)["states"]
    limit = chart.views[""]["data"][0]["zmax"]
    assert limit >= np.abs(found.forward.h).max() > 1
    assert chart.scale == (number(-limit), number(limit)) and f"to {number(limit)}," in chart.caption


def test_shares_climb_from_the_last_step_to_the_whole_gradient() -> None:
    found = answer(**R3)
    views = by_name(found)["contributions"].views
    bars = views["W_hh.share"]["data"][0]
    assert bars["y"] == pytest.approx(found.gradients["left_to_right"]["W_hh"].shares.tolist(), rel=1e-5)
    assert bars["base"][-1] == pytest.approx(0, abs=1e-12)
    for t in (2, 1, 0):
        assert bars["base"][t] == pytest.approx(bars["base"][t + 1] + bars["y"][t + 1], abs=1e-5)
    assert bars["base"][0] + bars["y"][0] == pytest.approx(1, abs=1e-5)
    assert views["W_hh.share"]["layout"]["shapes"][0]["y0"] == 1.0


def test_norms_of_the_contributions_are_those_of_the_notes_network() -> None:
    found = answer(sentence="cat mat rat", corpus="catmatrat", weights="lecture")
    bars = by_name(found)["contributions"].views["W_hh.norm"]["data"][0]
    assert bars["y"] == pytest.approx([0, 0.117787, 0.118879], abs=5e-7)
    assert "base" not in bars  # norms do not add, so they do not stack


def test_there_is_a_bar_for_each_word_each_in_the_tint_of_its_step() -> None:
    bars = by_name(answer(**R3))["contributions"].views["W_xh.norm"]["data"][0]
    assert len(bars["y"]) == 4 and bars["y"][2:] == pytest.approx([0.192, 0.415], abs=5e-4)
    assert bars["marker"]["color"] == ["var(--t1)", "var(--t5)", "var(--t8)", "var(--t12)"]
    long = by_name(run(presets()[-2].experiment))["contributions"].views["W_hh.share"]["data"][0]
    assert len(long["y"]) == 20


def test_the_first_step_adds_nothing_to_W_hh_and_the_caption_says_why() -> None:
    assert "adds 0 to" in by_name(answer(**R3))["contributions"].caption
    other = answer(
        sentence="cat mat rat", corpus="catmatrat", initial_state=[0.1, -0.2, 0.3], weights="lecture"
    )
    assert "adds 0 to" not in by_name(other)["contributions"].caption


def test_the_norms_fall_from_the_last_step_to_the_first_as_in_the_lecture() -> None:
    found = by_name(answer(**R3))["norms"]
    chain, blame = found.views["log"]["data"]
    assert blame["y"] == pytest.approx([0.0536, 0.1064, 0.1992, 0.6347], abs=5e-5)
    assert chain["y"][-1] == 1.0 and chain["y"][0] == pytest.approx(0.0961752, abs=5e-8)
    assert "From 0.6347 at “good” to 0.0536 at “movie”" in plain(found.caption)


def test_both_scales_name_themselves_on_the_axis() -> None:
    views = by_name(answer(**R3))["norms"].views
    assert views["log"]["layout"]["yaxis"]["title"]["text"] == "norm, logarithmic scale"
    assert views["linear"]["layout"]["yaxis"]["title"]["text"] == "norm, absolute scale"
    assert (views["log"]["layout"]["yaxis"]["type"], views["linear"]["layout"]["yaxis"]["type"]) == (
        "log",
        "linear",
    )


def test_a_vanishing_gradient_is_small_in_the_table_not_zero() -> None:
    found = by_name(answer(**UNUSUAL["vanishing"]))["norms"]
    exponent = int(found.table.rows[0][2].replace("−", "-").split("e")[1])
    assert exponent < -200 and found.views["log"]["data"][1]["y"][0] > 0


def test_the_whole_of_a_gradient_whose_squares_are_no_floats_is_small_not_zero() -> None:
    edits = [{"name": "readout.W_hy", "index": (i, 0), "value": 1e-200} for i in range(3)]
    run_ = answer(sentence="movie was good", edits=edits)
    found = by_name(run_)["contributions"]
    line = found.views["W_hh.norm"]["layout"]["shapes"][0]
    together = math.hypot(*(run_.gradients["left_to_right"]["W_hh"].total * 1e200).ravel()) * 1e-200
    assert line["y0"] == pytest.approx(together, rel=1e-12) and 0 < together < 1e-200
    assert "own norm is 0" not in plain(found.caption)


def test_a_gradient_that_is_exactly_zero_is_said_to_be() -> None:
    captions = {chart.name: chart.caption for chart in charts(answer(**UNUSUAL["dead ReLU"]))}
    assert "and 0 up to step 2" in captions["norms"] and "exactly 0" in captions["contributions"]


def test_a_long_table_says_what_it_leaves_out() -> None:
    table = by_name(answer(**UNUSUAL["many units"]))["states"].table
    assert table.note == "The first 16 of 40 units." and len(table.head) == 18


@pytest.mark.parametrize("value, written", [
    (0.0, "0"), (-0.0, "0"), (0.25, "0.25"), (-1.5, "−1.5"), (3.2e-9, "3.20e−9"), (123456.7, "123457"),
    (7e8, "7.00e8"), (5e-324, "4.94e−324"),
])  # fmt: skip
def test_numbers_are_written_with_a_true_minus_and_never_as_zero_when_small(
    value: float, written: str
) -> None:
    assert number(value) == written


def test_rounding_keeps_six_digits_at_every_size() -> None:
    values = np.array([0.0, -0.0, 1.23456789, -9.87654321e-200, 1e-320, 5e300])
    got = rounded(values)
    assert got.tolist() == [0.0, 0.0, 1.23457, -9.87654e-200, 1e-320, 5e300]
    assert math.copysign(1, got[1]) == 1


@pytest.mark.parametrize("low, high", [(1e-300, 1.0), (0.05, 0.6), (1.0, 1.0), (1e-3, 2e4), (5e-324, 1e300)])
def test_a_logarithmic_axis_has_a_few_ticks_inside_its_range(low: float, high: float) -> None:
    axis = decades(np.array([low, high, 0.0]))
    assert 1 <= len(axis["tickvals"]) == len(axis["ticktext"]) <= 9
    inside = [axis["range"][0] <= math.log10(tick) <= axis["range"][1] for tick in axis["tickvals"]]
    assert all(inside)


def test_labels_are_short_and_free_of_markup_and_of_marks_that_turn_text() -> None:
    assert label("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;"
    assert label("a" * 40) == "a" * 10 + "…"
    assert label("\u202egood") == "good" and label("👩‍🏫") == "👩‍🏫"


def test_the_tint_of_a_step_is_the_stop_of_the_time_scale() -> None:
    assert [tint(t, 4) for t in (1, 2, 3, 4)] == ["var(--t1)", "var(--t5)", "var(--t8)", "var(--t12)"]
    assert tint(1, 1) == "var(--t6)"


def test_two_chains_mirror_each_other_on_one_scale() -> None:
    chart = by_name(answer(**by_id("bi-movie-R3-bce")["experiment"]))["opposed"]
    upper, lower = chart.views["W_xh"]["data"]
    assert upper["y"] == pytest.approx([0.043, 0.091, 0.173, 0.374], abs=6e-4)
    assert lower["y"] == pytest.approx([-0.411, -0.195, -0.110, -0.037], abs=6e-4)
    assert "Each chain hears best the word it read last." in chart.caption


def test_no_loss_blames_a_state_that_was_read_after_it() -> None:
    found = answer(sentence="movie was not good", task="next_word", bidirectional=True)
    chart = by_name(found)["credit"]
    for name, above in (("left_to_right", np.triu), ("right_to_left", np.tril)):
        cells = np.array(chart.views[name]["data"][0]["z"])
        assert not above(cells, 1 if above is np.triu else -1).any()
        assert cells.max() <= 1 and cells[cells > 0].min() >= 0.1 - 1e-9


def test_every_network_has_charts_that_plotly_takes() -> None:
    for cell, both, task in itertools.product(
        ("elman", "lstm", "gru"), (False, True), ("sentiment", "next_word")
    ):
        found = answer(sentence="movie was good", cell=cell, bidirectional=both, task=task)
        test_every_view_is_a_figure_to_plotly_and_every_number_is_finite(found.experiment)


def test_the_cell_state_has_a_view_of_its_own_and_the_road_a_line() -> None:
    found = by_name(answer(sentence="movie was not good", cell="lstm"))
    assert list(found["states"].views) == ["h-left_to_right", "c-left_to_right"]
    road = found["norms"].views["linear"]["data"][2]["y"]
    assert road[-1] == 1 and road == sorted(road)
