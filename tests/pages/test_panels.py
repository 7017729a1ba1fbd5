"""The panels under the stage, by the numbers of the notes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from app.experiments import query
from app.experiments.experiment import Experiment
from app.experiments.presets import presets
from app.experiments.run import Run, run
from app.pages.counting import counter, update_table
from app.pages.panels import panels
from app.pages.slips import Slip, slips
from app.pages.symbols import module_note, symbols
from app.pages.words import words_panel
from app.stage.numbers import shorts
from tests.engine.golden import by_id

R3: dict[str, Any] = {"sentence": "movie was not good", "target": 0, "weights": "lecture"}
CAT: dict[str, Any] = {"sentence": "cat mat rat", "corpus": "catmatrat", "weights": "lecture"}
RAT: dict[str, Any] = {"sentence": "Rat rat mat", "corpus": "catmatrat", "weights": "lecture"}
HTMX = {"HX-Request": "true"}
PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")


def answer(**fields: Any) -> Run:
    return run(Experiment(**fields))


def slip(number: str, **fields: Any) -> Slip:
    return next(found for found in slips(answer(**fields), "") if found.number == number)


def value(text: str) -> float:
    return float(text.translate(PLAIN).replace(" %", "").replace(" × 10", "e"))


def values(found: Slip, column: int) -> list[float]:
    return [value(row.cells[column]) for row in found.rows]


def vector(text: str) -> list[float]:
    return [value(entry) for entry in text.strip("[]").split(", ")]


def led_to(href: str) -> Experiment:
    return Experiment(**query.parse(parse_qsl(urlsplit(href).query, keep_blank_values=True)))


# ---- words to numbers


def test_cat_mat_rat_keeps_its_capital_and_marks_its_labels_as_assumed() -> None:
    found = words_panel(answer(**CAT), "")
    assert [" ".join(word for _, word in review.words) for review in found.reviews] == [
        "cat mat rat", "Rat rat mat", "mat mat cat",
    ]  # fmt: skip
    assert [review.label for review in found.reviews] == [1, 1, 0] and found.assumed
    assert not words_panel(answer(**R3), "").assumed


def test_the_words_of_the_movie_reviews_carry_the_places_of_the_notes() -> None:
    found = words_panel(answer(**R3), "").reviews
    assert [index for review in found for index, _ in review.words] == [
        "11", "12", "13", "21", "22", "23", "31", "32", "33", "34",
    ]  # fmt: skip
    assert [review.current for review in found] == [False, False, True]


def test_a_review_leads_to_its_run_with_its_label() -> None:
    found = words_panel(answer(**R3), "/below")
    assert found.reviews[1].href.startswith("/below/?")
    first = led_to(found.reviews[1].href)
    assert (first.sentence, first.target, first.weights) == ("movie was bad", 0, "lecture")


def test_folding_is_a_step_of_its_own_with_a_switch_to_v_4_and_28_parameters() -> None:
    found = words_panel(answer(**RAT), "")
    assert found.folded == (("Rat", "rat"),) and (found.features, found.parameters) == (3, 25)
    assert found.other_case is not None
    assert (found.other_case.entries, found.other_case.parameters) == (4, 28)
    assert led_to(found.other_case.href).lowercase is False
    back = words_panel(answer(**RAT, lowercase=False), "").other_case
    assert back is not None and (back.entries, back.parameters) == (3, 25)


def test_both_spellings_of_rat_get_one_code() -> None:
    assert [row.code for row in words_panel(answer(**RAT), "").codes] == [(0, 0, 1), (0, 0, 1), (0, 1, 0)]


def test_the_vocabulary_stands_in_the_order_of_first_appearance() -> None:
    assert [entry for _, entry, _ in words_panel(answer(**CAT), "").vocabulary] == ["cat", "mat", "rat"]
    movie = words_panel(answer(**R3), "").vocabulary
    assert [entry for _, entry, _ in movie] == ["movie", "was", "good", "bad", "not"]
    assert [used for *_, used in movie] == [True, True, True, False, True]


def test_a_review_leads_on_with_the_given_rows_of_its_words() -> None:
    rows = [[k, -k, 1] for k in range(6)]
    given = {"left_to_right": {"W_xh": rows, "W_hh": [[0.5] * 3] * 3}}
    found = words_panel(answer(sentence="movie was great", parameters=given), "")
    asked = led_to(found.reviews[0].href)
    assert asked.sentence == "movie was good" and asked.hidden_size == 3
    assert [list(row) for row in asked.parameters.left_to_right.W_xh] == rows[:5]


@pytest.mark.parametrize("fields", [
    {"sentence": "movie was", "vocabulary": ["movie", "was"]},
    {"sentence": "so it", "task": "next_word", "corpus": "custom", "reviews": [{"text": "ok", "label": 1}]},
], ids=["a word outside the vocabulary", "one word, after which none comes"])  # fmt: skip
def test_a_review_that_the_network_cannot_read_leads_nowhere(client, fields) -> None:
    found = words_panel(answer(**fields), "")
    assert found.reviews and not any(review.href for review in found.reviews)
    page = client.get(f"/panels?{query.to_query(Experiment(**fields))}")
    assert page.status_code == 200 and 'href=""' not in page.text and "x<sub>11</sub>" in page.text


WIDE = [("hidden_size", "16"), *(("edit", f"left_to_right.W_hh.{k % 16}.{k // 16}|0.5") for k in range(256))]


@pytest.mark.parametrize("more", [
    WIDE, [*WIDE, ("bias", "outside"), ("loss", "mse")],
    [("edit", "readout.W_hy.0.0|1e6")], [("edit", "readout.W_hy.0.0|-1e6"), ("loss", "mse")],
    [("edit", "readout.b_y.0|1e6"), ("bias", "outside"), ("loss", "mse")], [("steps", "this~0.1~256")],
], ids=["all edits", "all edits, outside", "largest", "smallest", "largest bias", "all steps"])  # fmt: skip
def test_panels_stand_where_a_limit_leaves_no_neighbour(client, more: list[tuple[str, str]]) -> None:
    page = client.get(f"/panels?{urlencode([('sentence', 'movie was'), *more])}")
    assert page.status_code == 200 and "E28" in page.text


@pytest.mark.parametrize("sentence, shape", [("movie was good", (3, 5)), ("movie was not good", (4, 5))])
def test_the_badge_gives_timesteps_and_features(sentence: str, shape: tuple[int, int]) -> None:
    found = words_panel(answer(sentence=sentence, weights="lecture"), "")
    assert (found.steps, found.features) == shape


def test_a_large_vocabulary_tells_the_column_of_the_one_and_what_is_left_out() -> None:
    found = words_panel(answer(sentence=" ".join(f"w{k}" for k in range(60))), "")
    assert found.head == () and found.codes[0].code == () and found.codes[0].row == 6
    assert (found.hidden_codes, found.hidden_entries, found.features) == (36, 17, 65)


def test_given_weights_that_fit_one_case_alone_leave_no_switch() -> None:
    given = {"left_to_right": {"W_xh": [[0.1], [0.2], [0.3]]}}
    assert (
        words_panel(answer(sentence="Rat rat mat", corpus="catmatrat", parameters=given), "").other_case
        is None
    )


# ---- parameters


def test_the_parameters_add_up_to_31_and_pytorch_has_34() -> None:
    found = counter(answer(**R3))
    assert [term.entries for term in found.terms] == [15, 9, 3, 3, 1]
    assert [term.so_far for term in found.terms] == [15, 24, 27, 30, 31]
    assert (found.total, found.pytorch, found.as_in_notes, found.notes_sum) == (31, 34, True, 31)
    assert {term.origin for term in found.terms} == {"lecture"}


def test_cat_mat_rat_has_25_parameters_and_four_biases() -> None:
    found = counter(answer(**CAT))
    assert (found.total, found.biases, found.units) == (25, 4, 3) and not found.as_in_notes


def test_a_bias_for_each_step_would_grow_with_the_sentence_and_ours_does_not() -> None:
    found = counter(answer(**R3))
    assert found.per_step == ((3, 4), (4, 5)) and found.lengths == ((3, 31), (4, 31), (20, 31))


def test_without_bias_nothing_is_said_about_biases() -> None:
    found = counter(answer(sentence="movie was not good", bias="none"))
    assert (found.total, found.biases, found.per_step, found.pytorch) == (27, 0, (), 27)


def test_the_symbol_map_transposes_what_pytorch_transposes() -> None:
    found = {symbol.ours: symbol for symbol in symbols(answer(**R3))}
    assert found["W<sub>xh</sub>"].shape == "(5, 3)" and "(3, 5)" in found["W<sub>xh</sub>"].pytorch
    assert (
        found["b<sub>y</sub>"].notes == "b<sub>4</sub>"
        and found["W<sub>hh</sub>"].keras == "recurrent_kernel"
    )
    assert "b<sub>h</sub>" not in {symbol.ours for symbol in symbols(answer(sentence="movie", bias="none"))}


@pytest.mark.parametrize("bias", ["outside", "mixed"])
def test_a_bias_that_no_library_has_is_not_given_a_name(bias: str) -> None:
    found = answer(sentence="movie was not good", bias=bias, loss="mse")
    named = {symbol.ours: symbol for symbol in symbols(found)}
    for symbol, function in (("b<sub>h</sub>", "f"), ("b<sub>y</sub>", "σ")):
        absent = f"no such bias: it stands inside {function} there"
        assert named[symbol].pytorch == named[symbol].keras == absent
    assert "nn.RNN</code> adds its bias inside f at every step" in module_note(found)
    assert module_note(answer(**R3)) == ""


# ---- the update


def test_each_new_weight_is_the_old_one_less_eta_times_its_gradient() -> None:
    found = answer(**R3)
    table = update_table(found)
    for entry in table.entries:
        assert value(entry.new) == pytest.approx(value(entry.old) + value(entry.step), abs=2e-6)
    b_y = table.entries[-1]
    assert value(b_y.step) == pytest.approx(-0.1 * 0.723262, abs=5e-7)
    assert (table.loss, table.actual, table.rose) == ("1.28468", "1.14022", False)


def test_the_loss_of_the_first_review_falls_as_in_the_notes() -> None:
    assert (update_table(answer(**CAT)).loss, update_table(answer(**CAT)).actual) == ("0.503379", "0.455086")
    mse = update_table(answer(**CAT, loss="mse"))
    assert (mse.loss, mse.actual) == ("0.156432", "0.145238")


def test_a_large_step_overshoots_and_is_said_to() -> None:
    table = update_table(answer(**R3, learning_rate=10))
    assert (table.actual, table.rose) == ("3.52116", True)


def test_a_clipped_step_names_its_scale() -> None:
    assert value(update_table(answer(**R3, clip_norm=0.1)).clipped) < 1


def test_an_update_table_of_many_weights_says_how_many_it_leaves_out() -> None:
    found = answer(sentence="movie was not good", hidden_size=20)
    table = update_table(found)
    assert len(table.entries) == 60 and table.hidden == found.parameter_count["total"] - 60


# ---- slips of the notes


def test_E3_the_place_of_the_bias_changes_the_prediction() -> None:
    found = slip("E3", **CAT)
    assert values(found, 1)[:3] == pytest.approx([0.604485, 0.688445, 0.679686], abs=5e-7)
    assert [row.current for row in found.rows] == [True, False, False, False]
    assert [led_to(row.href).bias for row in found.rows] == ["inside", "outside", "mixed", "none"]


def test_E4_three_shortcuts_break_with_the_bias_outside() -> None:
    found = slip("E4", **R3)
    assert (values(found, 1)[1], values(found, 2)[1]) == pytest.approx((1.09586, 0.813441), abs=5e-6)
    assert (values(found, 1)[2], values(found, 2)[2]) == pytest.approx((5.36023, 1.09586), abs=5e-6)
    assert found.rows[-1].cells[-1] == "18.7 %"


def test_E4_is_silent_where_the_slope_is_not_read_off_the_state() -> None:
    assert "E4" not in {found.number for found in slips(answer(sentence="movie", activation="relu"), "")}


def test_E5_a_bias_outside_lets_the_prediction_leave_its_range() -> None:
    found = slip("E5", sentence="movie was good", weights="lecture")
    assert values(found, 1)[1] == pytest.approx(1.3079, abs=5e-5)
    assert "leave (0, 1)" in found.right and led_to(found.rows[1].href).bias == "outside"


def test_E6_the_difference_has_slope_minus_one_and_raises_the_prediction_whatever_the_label() -> None:
    found = slip("E6", **R3)
    assert values(found, 1) == pytest.approx([3.61353, 1.44652, -1, -1], abs=5e-6)
    before, after = values(found, 2), values(found, 3)
    assert after[0] < before[0] and after[1] < before[1]
    assert after[2] > before[2] and after[3] > before[3]


def test_E7_the_state_does_not_move_with_the_readout() -> None:
    found = slip("E7", **R3)
    assert found.rows[0].cells[1] == "0"
    assert vector(found.rows[1].cells[1]) == pytest.approx([0.4956, -0.3324, 0.3844], abs=5e-5)


def test_E10_the_longest_chain_belongs_to_the_first_step() -> None:
    assert [row.cells[1] for row in slip("E10", **CAT).rows] == ["2", "0"]


def test_E11_the_order_of_the_matrices_matters() -> None:
    right, turned, gap = values(slip("E11", **R3), 1)
    assert right != turned and gap > 0.1
    assert "E11" not in {found.number for found in slips(answer(sentence="movie was"), "")}


def test_E13_a_scalar_and_a_vector_stand_beside_each_other() -> None:
    found = slip("E13", **R3)
    assert value(found.rows[0].cells[1]) == pytest.approx(3.613526, abs=5e-6)
    assert vector(found.rows[1].cells[1]) == pytest.approx([0.433957, -0.289305, 0.361631], abs=5e-7)


def test_E14_the_last_term_alone_points_elsewhere() -> None:
    assert values(slip("E14", **R3), 1) == pytest.approx([0.882, 0.957], abs=5e-4)


def test_E15_no_slope_exceeds_one() -> None:
    found = slip("E15", **R3)
    assert values(found, 1)[0] == 1 and values(found, 1)[2] == pytest.approx(0.506, abs=5e-4)
    assert values(slip("E15", **{**R3, "activation": "sigmoid"}), 1)[0] == 0.25


def test_E28_a_large_step_lifts_the_loss() -> None:
    found = slip("E28", **R3)
    assert found.rows[-1].cells == ("η = 10", "1.28468", found.rows[-1].cells[2], "3.52116")


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_every_preset_has_panels_with_finite_numbers(preset: Any) -> None:
    found = panels(run(preset.experiment))
    text = repr(found)
    assert not re.search(r"\b(nan|inf)\b", text) and len(found.slips) >= 7


@pytest.mark.parametrize("fields", [
    {"sentence": "movie"}, {"sentence": "movie was", "hidden_size": 1},
    {"sentence": "a " * 256, "hidden_size": 70},
    {"sentence": "bad", "activation": "relu", "bias": "none"}, {"sentence": "x", "corpus": "custom"},
    {"sentence": "movie was", "loss": "mse", "bias": "outside", "weights": "lecture",
     "edits": [{"name": "readout.b_y", "index": [0], "value": 1e6}]},
    {"sentence": "movie was", "learning_rate": 1e6, "activation": "identity"},
], ids=str)  # fmt: skip
def test_odd_runs_have_panels_too(client: Any, fields: dict[str, Any]) -> None:
    question = query.to_query(Experiment(**fields))
    found = client.get(f"/panels?{question}", headers=HTMX)
    assert found.status_code == 200 and not re.search(r">\s*−?(nan|inf)", found.text)


# ---- as HTML


def test_the_fragment_and_the_page_of_its_own(client: Any) -> None:
    question = query.to_query(Experiment(**R3))
    fragment, page = (client.get(f"/panels?{question}", headers=headers).text for headers in (HTMX, {}))
    assert fragment.lstrip().startswith('<section id="panels"') and fragment.count("<details") == 12
    assert page.lstrip().lower().startswith("<!doctype html>") and "31 parameters" in page
    assert not re.search(r"\sstyle=|\son\w+=|<script", fragment)


def test_words_reviews_and_vocabulary_are_escaped(client: Any) -> None:
    hostile = "<img src=x onerror=alert(1)> {{ 7*7 }}"
    params = [("sentence", hostile), ("corpus", "custom"), ("review", "<b>bold</b> <script>|1")]
    html = client.get("/panels", params=params, headers=HTMX).text
    assert "<img" not in html and "<b>bold" not in html and "<script" not in html
    assert "onerror" in html


# ---- two directions, gates, a prediction at every step

BOTH: dict[str, Any] = by_id("bi-movie-R3-bce")["experiment"]


def test_E19_only_changes_after_both_sweeps_are_exact() -> None:
    rows = [row.cells for row in slip("E19", **BOTH).rows]
    assert [cells[:3] for cells in rows] == [
        ("after both sweeps", "0 %", "0 %"),
        ("readout first", "7.3 %", "4.2 %"),
        ("inside the sweep", "1.9 %", "2.3 %"),
    ]
    assert value(rows[0][3]) == pytest.approx(0.871844, abs=5e-7)


def test_E22_the_slip_reads_a_state_that_has_seen_one_word() -> None:
    found = slip("E22", **BOTH)
    assert values(found, 2) == pytest.approx([0.652075, 0.794880], abs=5e-7)
    assert values(found, 1) == [4, 1]


def test_E22_is_a_switch_between_two_pictures_with_their_numbers(client: Any) -> None:
    found = slip("E22", **BOTH)
    upper, lower = (chain.h for chain in answer(**BOTH).forward.chains.values())
    for way, row, state in zip(found.ways, found.rows, (lower[0], lower[3]), strict=True):
        numbers = re.findall(r"<text[^>]*>([\d.\u2212]+)</text>", way.picture)
        assert numbers == [*shorts(upper[3]), *shorts(state), row.cells[2]]
    assert [way.picture.count("word unread") for way in found.ways] == [0, 3]
    asked = {"sentence": "movie was bad", "bidirectional": True}
    html = client.get("/panels", params=asked, headers=HTMX).text
    chosen = re.findall(r'<input type="radio" name="way-E22" id="way-E22-(\d)"( checked)?>', html)
    assert chosen == [("1", " checked"), ("2", "")]


def test_E18_a_later_word_changes_the_state_of_the_chain_that_comes_from_it_alone() -> None:
    rows = slip("E18", **BOTH).rows
    assert vector(rows[0].cells[1]) == pytest.approx([0.6852, -0.4596, 0.5315], abs=5e-5)
    assert vector(rows[1].cells[1]) == pytest.approx([-0.2048, 0.4488, -0.1167], abs=5e-5)
    assert rows[2].cells[1] == "0" and value(rows[3].cells[1]) > 0


def test_E18_shows_both_states_side_by_side_at_each_position() -> None:
    """Rows 64 and 73: six numbers a position, and H_t W_hy + b_y below them."""
    found, (way,) = answer(**BOTH), slip("E18", **BOTH).ways
    joined = found.forward.trace.by_position[:, 0]
    readout = found.parameters["readout"]
    outputs = joined @ readout["W_hy"] + readout["b_y"]
    assert joined.shape == (4, 6)
    numbers = re.findall(r"<text[^>]*>([\d.\u2212]+)</text>", way.picture)
    assert numbers == [text for h, o in zip(joined, outputs, strict=True) for text in shorts([*h, *o])]


def test_E21_a_weight_of_one_chain_moves_the_gradient_of_the_other() -> None:
    state, before, after, gap = values(slip("E21", **BOTH), 1)
    assert state == 0 and before != after and gap > abs(after - before) - 1e-6 > 0


def test_E20_each_gradient_goes_against_its_chains_order_of_reading() -> None:
    assert [row.cells[1:3] for row in slip("E20", **BOTH).rows] == [
        ("1 … 4", "4 … 1"),
        ("4 … 1", "1 … 4"),
    ]


def test_E17_the_bias_of_the_forget_gate_decides_how_long_the_road_lasts() -> None:
    found = slip("E17", sentence="movie was not good", cell="lstm")
    roads = [value(row.cells[1]) for row in found.rows[:-1]]
    assert roads == sorted(roads) and len(roads) == 3
    assert [row.current for row in found.rows] == [False, True, False, False]
    assert found.rows[-1].cells[:2] == ("a plain cell", "no road")


@pytest.mark.parametrize(
    ("fields", "total", "pytorch"),
    [
        ({"cell": "lstm"}, 4 * 27 + 4, 5 * 12 + 3 * 12 + 24 + 4),
        ({"cell": "gru"}, 3 * 27 + 3 + 4, 5 * 9 + 3 * 9 + 18 + 4),
        ({"bidirectional": True}, 2 * 27 + 7, 2 * 30 + 7),
        ({"task": "next_word"}, 27 + 20, 30 + 20),
    ],
    ids=str,
)
def test_gates_chains_and_outputs_multiply_the_count(
    fields: dict[str, Any], total: int, pytorch: int
) -> None:
    found = counter(answer(sentence="movie was not good", **fields))
    assert (found.total, found.pytorch) == (total, pytorch)
    assert {length[1] for length in found.lengths} == {total}


def test_keras_has_the_gates_of_a_gru_in_another_order_and_pytorch_the_second_chain_as_reverse() -> None:
    found = {s.ours: s for s in symbols(answer(sentence="movie was good", cell="gru", bidirectional=True))}
    update = found["W′<sub>xz</sub>"]
    assert (
        update.pytorch == "gru.weight_ih_l0_reverse[3:6]" and update.keras == "backward_layer.kernel[:, 0:3]"
    )
    assert found["b<sub>hn</sub>"].pytorch == "gru.bias_hh_l0[6:9]"


def test_names_by_the_dozen_have_the_whole_width() -> None:
    few, many = (panels(run(Experiment(sentence="movie was good", cell=cell))) for cell in ("elman", "lstm"))
    assert not few.wide and many.wide
    gate = next(symbol for symbol in many.symbols if symbol.ours == "W<sub>xf</sub>")
    assert gate.notes == "—"
