"""The inspector: every part opens, its numbers are those of the run, and finite differences agree."""

import re

import numpy as np
import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.stage.chains import chain_of
from app.stage.inspection import Inspection, inspect
from app.stage.inspection.nudging import of_own_copy, of_preactivation, of_state, state_by_state
from app.stage.weights import weights_in


def movie(**changes: object) -> Run:
    return run(Experiment(**{"sentence": "movie was not good", "target": 0, "weights": "lecture", **changes}))


def cat(**changes: object) -> Run:
    asked = {"sentence": "cat mat rat", "target": 1, "corpus": "catmatrat", "weights": "lecture", **changes}
    return run(Experiment(**asked))


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def lines(found: Inspection) -> dict[str, str]:
    """Every term with its number; the first of a name counts."""
    pairs = [(plain(line.term), plain(line.value)) for block in found.blocks for line in block.lines]
    return dict(reversed(pairs))


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def said(found: Inspection) -> str:
    return " ".join(plain(note) for note in found.notes)


def test_a_unit_shows_what_entered_it_and_what_came_back() -> None:
    shown = inspect(movie(), "h-3.1")
    assert plain(shown.title) == "Unit 2 at “not”"
    assert shown.when is not None
    assert shown.when.t == 3
    found = lines(shown)
    assert found["row of “not” in Wxh"] == "0.6"
    assert found["+ h2 · Whh, column 2"] == "0.120888"
    assert found["+ bh"] == "−0.1"
    assert found["a3"] == "0.620888"
    assert found["h3 = tanh(a3)"] == "0.551746"
    back = [number(found[term]) for term in ("∂L/∂h3", "× f′(a3) = 1 − h²", "= δ3")]
    assert back == pytest.approx([-0.031, 0.696, -0.022], abs=5e-4)
    assert "slope .696" in plain(shown.curve)


def test_states_of_the_lecture_expand_into_their_products() -> None:
    found = cat()
    expected = [[0.53705, -0.37995, 0.37995], [0.13236, 0.34546, -0.13969], [0.10544, 0.18389, 0.66896]]
    for t, row in enumerate(expected, 1):
        for unit, value in enumerate(row):
            shown = lines(inspect(found, f"h-{t}.{unit}"))
            assert number(shown[f"h{t} = tanh(a{t})"]) == pytest.approx(value, abs=6e-6)


def test_with_the_bias_outside_it_is_added_after_f() -> None:
    shown = lines(inspect(cat(bias="outside"), "h-1.0"))
    assert shown["+ bh, outside f"] == "0.1"
    assert shown["h1 = tanh(a1) + bh"] == "0.562117"
    assert "1 − (h − b)²" in " ".join(shown)


def test_four_words_without_a_bias_are_the_notes_four_step_network() -> None:
    found = movie(bias="none")
    assert all("+ bh" not in lines(inspect(found, f"h-{t}.0")) for t in range(1, 5))


@pytest.mark.parametrize("bias", ["inside", "outside", "mixed", "none"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "identity"])
def test_a_contribution_is_the_gradient_of_that_steps_own_copy(bias: str, activation: str) -> None:
    found = movie(bias=bias, activation=activation, loss="mse", initial_state="random")
    for name, outer in found.gradients["left_to_right"].items():
        terms = outer.terms.reshape(4, -1, 3)
        for (t, i, j), value in np.ndenumerate(terms):
            numeric = of_own_copy(found, weights_in(found)[name], t + 1, i, j)
            assert numeric == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("bias", ["inside", "outside", "mixed", "none"])
def test_what_comes_back_is_the_gradient_of_a_state_moved_by_hand(bias: str) -> None:
    found = movie(bias=bias, loss="mse")
    for (t, unit), value in np.ndenumerate(found.backward.d_h):
        assert of_state(chain_of(found), t + 1, unit) == pytest.approx(value, abs=1e-9)
        assert of_preactivation(chain_of(found), t + 1, unit) == pytest.approx(
            found.backward.d_preactivation[t, unit], abs=1e-9
        )


def test_a_jacobian_is_how_one_state_moves_the_next() -> None:
    found = movie(bias="mixed", loss="mse", initial_state="random")
    for (t, i, j), value in np.ndenumerate(found.backward.dh_dh_prev):
        assert state_by_state(chain_of(found), t + 1, i, j) == pytest.approx(value, abs=1e-9)


def test_a_finite_difference_across_a_kink_is_not_made_up() -> None:
    zero = {
        "left_to_right": {"W_xh": [[0.0]], "W_hh": [[0.0]], "b_h": [0.0]},
        "readout": {"W_hy": [[1.0]], "b_y": [0.0]},
    }
    found = run(Experiment(sentence="a", vocabulary=("a",), activation="relu", parameters=zero))
    proof = inspect(found, "tot-b_h-0.0").proof
    assert proof is not None
    assert proof.numeric == "not defined"
    assert not proof.good


def test_a_contribution_names_its_factors() -> None:
    shown = inspect(movie(), "in-W_hh-3-1.2")
    found = lines(shown)
    assert found["h2, unit 2"] == "0.256588"
    assert found["× δ3, unit 3"] == "−0.126887"
    assert found["= this contribution"] == "−0.0325576"
    assert shown.proof is not None
    assert shown.proof.analytic == shown.proof.numeric == "−0.0325576"
    assert inspect(movie(), "outer-W_hh-3-1.2").blocks == shown.blocks


def test_an_entry_opens_its_contributions_and_their_total() -> None:
    shown = inspect(movie(), "tot-W_hh-1.0")
    assert [term.t for term in shown.terms] == [4, 3, 2, 1]
    assert shown.terms[0].part == "in-W_hh-4-1.0"
    values = [number(term.value) for term in shown.terms]
    total = float(movie().gradients["left_to_right"]["W_hh"].total[1, 0])
    assert sum(values) == pytest.approx(total, abs=1e-6)
    assert plain(shown.terms_note) == "Together: 0.159765."


def test_a_row_of_w_xh_hears_its_own_word_alone() -> None:
    shown = inspect(cat(sentence="Rat rat mat", target=1), "tot-W_xh-2.0")
    assert [term.t for term in shown.terms] == [2, 1]
    assert [number(term.value) for term in shown.terms] == pytest.approx([-0.1485, -0.0308], abs=5e-5)
    together, rest = plain(shown.terms_note).split(". ")
    assert number(together.removeprefix("Together: ")) == pytest.approx(-0.1793, abs=5e-5)
    assert rest == "The other step reads another word and adds exactly 0."


def test_the_scalar_network_of_the_notes_adds_three_products() -> None:
    found = cat(hidden_size=1, loss="mse")
    parts = [("in-W_xh-1.0", -0.013535), ("in-W_xh-2.0", -0.031701), ("in-W_xh-3.0", -0.053628)]
    for name, value in parts:
        assert number(lines(inspect(found, name))["= this contribution"]) == pytest.approx(value, abs=1e-6)


def test_a_state_before_the_first_word_adds_nothing_and_says_so() -> None:
    assert "E29: h0 = 0, so this is exactly 0" in said(inspect(movie(), "in-W_hh-1-0.0"))
    assert "E29" not in said(inspect(movie(initial_state="random"), "in-W_hh-1-0.0"))


def test_the_slope_of_the_loss_is_a_number_and_the_blame_on_h_a_vector() -> None:
    assert lines(inspect(movie(), "dy.0"))["∂L/∂ŷ"] == "3.61353"
    assert "[0.433957, −0.289305, 0.361631]" in said(inspect(movie(), "dy.0"))
    assert "E13" in said(inspect(movie(), "dh-4.0"))
    assert lines(inspect(movie(), "yh-4.0"))["= ∂ŷ/∂h4"] == "0.120092"


def test_the_last_state_does_not_depend_on_the_output_weights() -> None:
    shown = inspect(cat(), "W_hy-0.0")
    assert "by finite difference ∂h3/∂Why = exactly 0" in said(shown)
    direct = re.findall(r"= \[(.*?)\]", said(shown))[0].split(", ")
    assert [number(text) for text in direct] == pytest.approx([0.025208, 0.043966, 0.159938], abs=1e-6)
    assert number(lines(shown)["∂L/∂Why"]) == pytest.approx(-0.041702, abs=1e-6)


def test_losses_stand_beside_each_other() -> None:
    found = lines(inspect(cat(), "loss"))
    assert found["L"] == "0.503379"
    assert found["squared, (y − ŷ)²"] == "0.156432"
    assert found["the notes’ y − ŷ (E6)"] == "0.395515"
    assert found["L after the update"] == "0.455086"


def test_the_total_knows_how_little_the_last_term_says() -> None:
    assert "truncated, k = 1) points cos = .882" in said(inspect(movie(), "total-W_xh"))
    assert "truncated, k = 1) points cos = .957" in said(inspect(movie(), "total-W_hh"))


def test_names_are_transposed_for_pytorch() -> None:
    assert inspect(movie(), "W_xh-4.1").names.torch == "<code>rnn.weight_ih_l0[1][4]</code>"  # type: ignore[union-attr]
    assert inspect(movie(), "W_hh-0.1").names.torch == "<code>rnn.weight_hh_l0[1][0]</code>"  # type: ignore[union-attr]
    assert "rnn.bias_ih_l0[2] + rnn.bias_hh_l0[2]" in inspect(movie(), "b_h-0.2").names.torch  # type: ignore[union-attr]
    assert inspect(movie(), "W_hy-2.0").names.torch == "<code>fc.weight[0][2]</code>"  # type: ignore[union-attr]
    assert inspect(movie(), "h-3.1").names.torch == "<code>output[2, 1]</code>"  # type: ignore[union-attr]
    assert inspect(movie(), "h-3.1").names.notes == "O<sub>3</sub>"  # type: ignore[union-attr]


def test_a_network_that_pytorch_has_no_module_for_is_said_to_have_none() -> None:
    late = movie(bias="mixed", loss="mse")
    for part in ("b_h-0.2", "tot-b_h-0.2", "bb-2.1"):
        assert inspect(late, part).names.torch == "no such bias: it stands inside f there"  # type: ignore[union-attr]
    assert inspect(late, "b_y-0.0").names.torch == "no such bias: it stands inside σ there"  # type: ignore[union-attr]
    for part in ("W_hh-0.1", "h-3.1", "fold"):
        said = inspect(late, part).names.torch  # type: ignore[union-attr]
        assert said.endswith("by its role: nn.RNN itself adds its bias inside f at every step")
        sigmoid = inspect(movie(activation="sigmoid"), part).names.torch  # type: ignore[union-attr]
        assert sigmoid.endswith("by its role: nn.RNN itself has tanh and ReLU alone for f")


def test_the_network_has_31_parameters() -> None:
    shown = inspect(movie(), "fold")
    found = lines(shown)
    assert [found[k] for k in ("Wxh, 5 × 3", "Whh, 3 × 3", "bh, 3", "Why, 3 × 1", "by, 1")] == [
        "15",
        "9",
        "3",
        "3",
        "1",
    ]
    assert found["parameters in all"] == "31"
    assert "write 32; it is 31" in said(shown)


def test_a_weight_can_be_typed_over_and_taken_back() -> None:
    edit = inspect(movie(), "W_hh-0.1").edit
    assert edit is not None
    assert (edit.place, edit.value, edit.undo) == ("left_to_right.W_hh.0.1", "-0.1", "")
    typed = movie(edits=({"name": "left_to_right.W_hh", "index": (0, 1), "value": 0.5},))
    edit = inspect(typed, "W_hh-0.1").edit
    assert edit is not None
    assert edit.value == "0.5"
    assert edit.undo == "sentence=movie+was+not+good&target=0&weights=lecture"
    assert inspect(typed, "b_h-0.2").edit.place == "left_to_right.b_h.2"  # type: ignore[union-attr]


def test_a_words_weight_is_typed_over_and_taken_back_by_its_word() -> None:
    edit = inspect(movie(), "W_xh-2.1").edit
    assert edit is not None
    assert (edit.place, edit.weight) == ("left_to_right.W_xh~good.1", "left_to_right.W_xh.2.1")
    typed = movie(edits=({"name": "left_to_right.W_xh", "index": (2, 1), "value": 0.5},))
    edit = inspect(typed, "W_xh-2.1").edit
    assert edit is not None
    assert edit.undo == "sentence=movie+was+not+good&target=0&weights=lecture"


def test_a_large_matrix_says_what_it_leaves_out() -> None:
    shown = inspect(movie(hidden_size=20), "W_hh-all")
    assert "Shown are rows 1 to 16 of 20 and columns 1 to 16 of 20" in said(shown)


def test_words_of_a_user_are_escaped() -> None:
    found = run(Experiment(sentence="it's naïve", corpus="custom"))
    assert "<bdi>it&#x27;s</bdi>" in inspect(found, "h-1.0").title
