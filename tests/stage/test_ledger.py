"""The ledger's rows, sums and notes, with the lecture's numbers."""

import re

import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.stage.chains import chain_of
from app.stage.ledger import ledger
from app.stage.ledger_cells import window
from app.stage.ledger_check import badge, gap_of
from app.stage.ledger_notes import cosine_of_last, slopes_told, state_moves
from app.stage.ledger_rows import percent
from app.stage.weights import Weight, weights_in

TWENTY = "one two three four five six seven eight nine ten a b c d e f g h i j"


def movie(**changes: object) -> Run:
    return run(Experiment(**{"sentence": "movie was not good", "target": 0, "weights": "lecture", **changes}))


def cat(**changes: object) -> Run:
    asked = {"sentence": "cat mat rat", "target": 1, "corpus": "catmatrat", "weights": "lecture", **changes}
    return run(Experiment(**asked))


def plain(html: str) -> str:
    """The text of a fragment."""
    return re.sub(r"<[^>]*>", "", html)


def numbers(html: str) -> list[str]:
    return re.findall(r"<b [^>]*>([^<]*)</b>", html)


def parts(html: str) -> list[str]:
    return re.findall(r'data-part="([^"]*)"', html)


def weight(found: Run, key: str) -> Weight:
    return weights_in(found)[key]


def cosine(found: Run, key: str) -> float | None:
    return cosine_of_last(chain_of(found), weight(found, key))


def notes(found: Run, name: str) -> dict[str, str]:
    return {note.erratum: plain(note.html) for note in ledger(found, name).notes}


def test_rows_run_from_the_last_step_to_the_first() -> None:
    rows = ledger(movie()).rows
    assert [row.t for row in rows] == [4, 3, 2, 1]
    assert [row.word for row in rows] == ["good", "not", "was", "movie"]


@pytest.mark.parametrize(("sentence", "count"), [("movie was not good", 4), (TWENTY, 20)])
def test_every_word_has_its_row(sentence: str, count: int) -> None:
    assert len(ledger(movie(sentence=sentence), "W_xh").rows) == count


def test_the_first_row_holds_dl_dy_and_dy_dh_and_the_others_a_whole_jacobian() -> None:
    last, before, *_ = ledger(movie()).rows
    assert numbers(last.cells[0].html) == ["3.61", ".120", "−.080", ".100"]
    assert parts(last.cells[0].html) == ["dy.0", "yh-4.0", "yh-4.1", "yh-4.2"]
    assert numbers(before.cells[0].html) == [
        ".159",
        ".212",
        "−.106",
        "−.079",
        ".158",
        ".394",
        ".144",
        "−.215",
        ".072",
    ]
    assert parts(before.cells[0].html)[:4] == ["jac-4.0.0", "jac-4.0.1", "jac-4.0.2", "jac-4.1.0"]


def test_the_jacobian_of_a_row_is_the_engines() -> None:
    found = movie(bias="mixed", loss="mse", initial_state="random")
    for t in range(1, 5):
        assert chain_of(found).jacobian(t) == pytest.approx(found.backward.dh_dh_prev[t - 1], abs=1e-15)


def test_a_row_multiplies_what_comes_back_by_the_slope_and_by_what_entered() -> None:
    row = ledger(movie()).rows[1]
    _, d_h, slope, delta, entered, adds = (numbers(cell.html) for cell in row.cells)
    assert d_h == [".144", "−.031", "−.134"]
    assert slope == [".991", ".696", ".946"]
    assert delta == [".142", "−.022", "−.127"]
    assert entered == [".116", ".257", ".162"]
    assert adds == [".016", "−.003", "−.015", ".037", "−.006", "−.033", ".023", "−.004", "−.021"]
    assert plain(row.norm) == ".062"
    assert row.share == "5.5 %"


def test_the_chain_grows_by_one_jacobian_a_step() -> None:
    assert [row.crossed for row in ledger(cat()).rows] == ["no Jacobian", "1 Jacobian", "2 Jacobians"]
    assert [row.chain.count("<mfrac>") for row in ledger(cat()).rows] == [4, 5, 6]


def test_a_long_chain_is_elided_in_its_middle() -> None:
    first = ledger(movie(sentence=TWENTY)).rows[-1]
    assert first.crossed == "19 Jacobians"
    assert "⋯" in first.chain
    assert first.chain.count("<mfrac>") == 7


@pytest.mark.parametrize("bias", ["inside", "outside", "mixed", "none"])
@pytest.mark.parametrize("name", ["W_xh", "W_hh", "b_h"])
def test_the_rows_sum_to_the_gradient(bias: str, name: str) -> None:
    found = movie(bias=bias, loss="mse", sentence=TWENTY)
    if name in found.parameters["left_to_right"]:
        assert gap_of(found, weight(found, name)) < 1e-12
        assert "the largest gap is" in ledger(found, name).sums


def test_the_first_term_of_the_recurrent_weights_is_exactly_zero_and_says_why() -> None:
    drawn = ledger(cat())
    norms = cat().gradients["left_to_right"]["W_hh"].norms
    assert norms == pytest.approx([0.0, 0.117787, 0.118879], abs=1e-6)
    assert [plain(row.norm) for row in reversed(drawn.rows)] == ["0", ".118", ".119"]
    assert drawn.rows[-1].share == "0 %"
    assert "the network starts from zeros: 0 times whatever comes back is exactly 0" in plain(
        drawn.rows[-1].remark
    )
    assert all(row.remark == "" for row in drawn.rows[:-1])


def test_another_first_state_fills_the_first_row() -> None:
    row = ledger(cat(initial_state=(0.1, -0.2, 0.3))).rows[-1]
    assert plain(row.norm) != "0"
    assert row.remark == ""


def test_a_bias_outside_f_is_paid_without_the_slope() -> None:
    row = ledger(movie(bias="outside", loss="mse"), "b_h").rows[0]
    assert numbers(row.cells[5].html) == numbers(row.cells[1].html) != numbers(row.cells[3].html)
    assert "its right factor is ∂L/∂h4, not δ4" in plain(row.remark)


def test_mixed_biases_stand_outside_at_the_first_step_alone() -> None:
    rows = ledger(movie(bias="mixed", loss="mse"), "b_h").rows
    assert [bool(row.remark) for row in rows] == [False, False, False, True]


def test_without_biases_their_ledgers_are_not_offered() -> None:
    tabs = [plain(tab.html) for tab in ledger(movie(bias="none")).tabs]
    assert tabs == ["Wxh", "Whh", "Why"]
    with pytest.raises(ExperimentError, match='parameter must be one of W_xh, W_hh, W_hy, got "b_h"'):
        ledger(movie(bias="none"), "b_h")


def test_the_output_weights_have_one_row_and_no_time() -> None:
    drawn = ledger(cat(), "W_hy")
    assert len(drawn.rows) == 1
    assert "No time in between" in plain(drawn.lead)
    assert numbers(drawn.rows[0].cells[4].html) == ["−.042", "−.073", "−.265"]
    assert parts(drawn.rows[0].cells[4].html) == ["tot-W_hy-0.0", "tot-W_hy-1.0", "tot-W_hy-2.0"]


def test_y_depends_on_the_output_weights_directly() -> None:
    found = cat()
    told = [float(number) for number in slopes_told(found, "W_hy").split(", ")]
    assert told == pytest.approx([0.025208, 0.043966, 0.159938], abs=1e-6)
    gradient = found.gradients["readout"]["W_hy"].total[:, 0]
    assert gradient == pytest.approx([-0.041702, -0.072733, -0.264585], abs=1e-6)


def test_the_last_state_does_not_depend_on_the_output_weights() -> None:
    assert state_moves(cat(), "W_hy") == 0.0
    assert "changes h3 by exactly 0" in notes(cat(), "W_hy")["E7"]
    assert "∂O3/∂wk" in notes(cat(), "W_hy")["E7"]


def test_the_output_bias_outside_sigma_skips_its_slope() -> None:
    row = ledger(movie(bias="outside", loss="mse"), "b_y").rows[0]
    assert numbers(row.cells[4].html) == numbers(row.cells[0].html)
    assert "its gradient is ∂L/∂ŷ itself" in plain(row.remark)


def test_one_term_alone_points_elsewhere() -> None:
    assert cosine(movie(), "W_xh") == pytest.approx(0.882, abs=5e-4)
    assert cosine(movie(), "W_hh") == pytest.approx(0.957, abs=5e-4)
    assert "(truncated, k = 1) points cos = .957 along" in notes(movie(), "W_hh")["E14"]


def test_no_direction_is_compared_when_a_gradient_is_zero() -> None:
    assert cosine(movie(sentence="movie"), "W_hh") is None
    assert "Jacobian" not in "".join(notes(movie(sentence="movie"), "W_hh").values())


def test_the_slope_of_the_loss_is_a_number_and_what_reaches_h_is_a_vector() -> None:
    said = notes(movie(), "W_hh")["E13"]
    assert "∂L/∂ŷ = 3.61353 is one number" in said
    assert "[0.433957, −0.289305, 0.361631] is a vector" in said


def test_the_label_of_the_notes_is_turned_round() -> None:
    assert (
        "j = 1 is the longest chain, with 3 Jacobians; j = 4 is the shortest, with none"
        in notes(movie(), "W_xh")["E10"]
    )


def test_rows_of_w_xh_belong_to_their_words() -> None:
    drawn = ledger(movie(), "W_xh")
    assert [parts(row.cells[5].html)[0] for row in drawn.rows] == [
        "in-W_xh-4.0",
        "in-W_xh-3.0",
        "in-W_xh-2.0",
        "in-W_xh-1.0",
    ]
    assert [plain(label) for label, _ in drawn.total] == ["movie", "was", "good", "not"]
    assert plain(drawn.left_out[0]) == (
        "The total shows 4 of its 5 rows; 1 row of words not in the sentence (exactly 0) left out."
    )


def test_a_large_network_is_shown_through_a_window_and_says_so() -> None:
    drawn = ledger(movie(hidden_size=20), "W_hh", into=4, out=8)
    assert parts(drawn.rows[0].cells[5].html)[0] == "in-W_hh-4-4.8"
    assert len(numbers(drawn.rows[0].cells[5].html)) == 16
    assert "units 5 to 8 of ht−1 against units 9 to 12 of ht, out of 20" in plain(drawn.left_out[0])
    assert [link.html for link in drawn.windows[0][1]] == ["1–4", "5–8", "9–12", "17–20"]


def test_the_window_stays_inside_the_network() -> None:
    assert list(window(10, into=99).rows) == [8, 9]
    assert list(window(8, into=5).rows) == list(range(8))


def test_long_sentences_are_paged_and_their_totals_are_not() -> None:
    found = movie(sentence=" ".join([TWENTY, TWENTY]))
    first, second = ledger(found, "W_hh", 1), ledger(found, "W_hh", 2)
    assert [row.t for row in first.rows] == list(range(40, 16, -1))
    assert [row.t for row in second.rows] == list(range(16, 0, -1))
    assert [link.html for link in first.pages] == ["steps 40–17", "steps 16–1"]
    assert first.total == second.total
    assert "Rows of 24 of 40 steps" in first.left_out[0]
    with pytest.raises(ExperimentError, match="page must be 1 to 2, got 3"):
        ledger(found, "W_hh", 3)


def test_finite_differences_agree_with_every_entry() -> None:
    found = badge(movie(), weight(movie(), "W_hh"))
    assert found.good
    assert plain(found.html).startswith(
        "All 9 entries of ∂L/∂Whh agree with finite differences; the largest gap is"
    )
    assert plain(found.html).endswith(" of the largest entry.")


def test_a_gradient_too_small_to_be_measured_is_not_called_wrong() -> None:
    weights = [{"name": "readout.W_hy", "index": [k, 0], "value": 1e-14} for k in range(3)]
    found = badge(movie(edits=weights), weight(movie(), "W_hh"))
    assert found.good and found.html.endswith("no difference resolves a gradient as small as this.")


def test_a_word_typed_by_a_user_is_escaped_where_the_ledger_writes_it() -> None:
    drawn = ledger(run(Experiment(sentence="a<b>c & <i>", corpus="custom")), "W_xh")
    written = "".join(cell.html for row in drawn.rows for cell in row.cells) + "".join(
        label for label, _ in drawn.total
    )
    assert "<i>" not in written


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.821, "82.1 %"), (-0.05, "−5.0 %"), (1e-5, "1e−3 %"), (-3e-12, "−3e−10 %")],
)
def test_a_small_share_is_not_called_zero(share: float, text: str) -> None:
    assert percent(share) == text
