"""What a contribution is, over random networks, sentences and choices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.engine import Backward, OuterSum
from app.engine.lanes import lane_losses
from app.engine.network import Array
from app.engine.norms import row_norms
from tests.engine.naive import naive_loss
from tests.engine.questions import LEFT, Question, block_of, entries_of, few, questions


def scale_of(values: Array) -> float:
    return max(1.0, float(np.abs(values).max(initial=0.0)))


def all_gradients(back: Backward) -> list[OuterSum]:
    return [gradient for group in back.gradients.values() for gradient in group.values()]


@few
@given(questions())
def test_contributions_sum_to_the_total(question: Question) -> None:
    _, back = question.answer()
    for group in back.gradients.values():
        for gradient in group.values():
            np.testing.assert_allclose(
                gradient.terms.sum(axis=0), gradient.total, rtol=0, atol=1e-13 * scale_of(gradient.terms)
            )


@few
@given(questions())
def test_shares_sum_to_one(question: Question) -> None:
    _, back = question.answer()
    for group in back.gradients.values():
        for gradient in group.values():
            if gradient.total.any():
                shares = gradient.shares
                np.testing.assert_allclose(shares.sum(), 1.0, rtol=0, atol=1e-12 * scale_of(shares))


@few
@given(questions())
def test_shares_are_projections_on_the_total(question: Question) -> None:
    _, back = question.answer()
    for gradient in all_gradients(back):
        flat, total = gradient.terms.reshape(len(gradient.terms), -1), gradient.total.ravel()
        if total.dot(total) > 1e-20:
            expected = flat.dot(total) / total.dot(total)
            np.testing.assert_allclose(gradient.shares, expected, rtol=1e-9, atol=1e-9 * scale_of(expected))


@few
@given(questions())
def test_norms_are_those_of_the_contributions(question: Question) -> None:
    _, back = question.answer()
    for gradient in all_gradients(back):
        terms = gradient.terms
        expected = row_norms(terms.reshape(len(terms), -1))
        np.testing.assert_allclose(gradient.norms, expected, rtol=1e-12, atol=1e-300)


def own_copy_slopes(question: Question, group: str, eps: complex) -> tuple[Array, Array]:
    """dL/d(each step's own copy of each weight), (T, weights), and where no unit crossed a kink."""
    trace, _ = question.answer()
    entries = entries_of(question, group)
    steps, count = len(question.words.ids), len(entries)
    copies = np.repeat(np.eye(steps), count, axis=1) * eps
    if isinstance(eps, complex):
        losses, _ = lane_losses(trace, question.target, entries * steps, copies)
        return losses.imag.reshape(steps, count) / eps.imag, np.ones((steps, count), bool)
    both = np.concatenate([copies, -copies], axis=1)
    losses, lanes = lane_losses(trace, question.target, entries * (2 * steps), both)
    up, down = losses.reshape(2, steps, count)
    smooth = np.ones((steps, count), bool)
    if question.network.activation == "relu" and question.network.cell == "elman":
        for chain in lanes.chains.values():
            active = (chain.preactivation > 0).reshape(steps, 2, steps, count, -1)
            smooth &= (active[:, 0] == active[:, 1]).all(axis=(0, 3))
    return (up - down) / (2 * eps), smooth


def groups_with_steps(question: Question) -> list[str]:
    """The groups whose parameters are used at every step."""
    return [*question.network.chains, *["readout"] * question.network.per_step]


def found_contributions(question: Question, group: str) -> Array:
    _, back = question.answer()
    return block_of(question, {name: gradient.terms for name, gradient in back.gradients[group].items()})


@few
@given(questions())
def test_contribution_is_the_finite_difference_of_that_steps_own_copy(question: Question) -> None:
    for group in groups_with_steps(question):
        slopes, smooth = own_copy_slopes(question, group, 1e-6)
        found = found_contributions(question, group)
        defined = smooth & np.isfinite(slopes)
        np.testing.assert_allclose(slopes[defined], found[defined], rtol=1e-5, atol=1e-7 * scale_of(found))


@few
@given(questions())
def test_contribution_is_the_complex_step_of_that_steps_own_copy(question: Question) -> None:
    for group in groups_with_steps(question):
        slopes, _ = own_copy_slopes(question, group, 1e-40j)
        found = found_contributions(question, group)
        np.testing.assert_allclose(slopes, found, rtol=0, atol=1e-12 * scale_of(found))


@few
@given(questions())
def test_totals_agree_with_the_complex_step(question: Question) -> None:
    trace, back = question.answer()
    for group in back.gradients:
        entries = entries_of(question, group)
        eps = np.full((len(question.words.ids), len(entries)), 1e-40j)
        losses, _ = lane_losses(trace, question.target, entries, eps)
        totals = block_of(
            question, {name: gradient.total for name, gradient in back.gradients[group].items()}
        )
        np.testing.assert_allclose(losses.imag / 1e-40, totals, rtol=0, atol=1e-12 * scale_of(totals))


@few
@given(
    questions(cells=("elman",), bidirectional=(False,), tasks=("sentiment",)),
    st.integers(0, 10**6),
    st.floats(-0.1, 0.1),
)
def test_a_lane_is_a_network_with_that_weight_of_that_step_moved(
    question: Question, which: int, amount: float
) -> None:
    trace, _ = question.answer()
    entries = entries_of(question, LEFT)
    entry = entries[which % len(entries)]
    step = which % len(question.words.ids)
    eps = np.zeros((len(question.words.ids), 1))
    eps[step] = amount
    losses, _ = lane_losses(trace, question.target, [entry], eps)
    expected = naive_loss(question, step, entry.row, entry.column, amount)
    np.testing.assert_allclose(losses[0], expected, rtol=1e-12, atol=1e-13, equal_nan=True)


@few
@given(questions())
def test_gradient_of_the_initial_state_agrees_with_its_finite_difference(question: Question) -> None:
    _, back = question.answer()
    found = sum(chain.d_h_0[0] for chain in back.chains.values())
    eps = 1e-6
    for unit in range(question.network.hidden_size):
        losses = []
        for sign in (eps, -eps):
            h_0 = question.h_0.copy()
            h_0[unit] += sign
            moved = Question(question.network, question.parameters, question.words, h_0, question.target)
            losses.append(moved.answer()[1].loss[0])
        slope = (losses[0] - losses[1]) / (2 * eps)
        np.testing.assert_allclose(slope, found[unit], rtol=1e-5, atol=1e-7 * scale_of(found))


def test_shares_of_a_zero_total_are_zero() -> None:
    right = np.array([[[1.0, -2.0]], [[-1.0, 2.0]]])
    cancelled = OuterSum(None, right, right.sum(axis=(0, 1)))
    np.testing.assert_array_equal(cancelled.shares, [0.0, 0.0])


def test_shares_of_a_tiny_total_still_sum_to_one() -> None:
    right = np.array([[[3e-200, 1e-200]], [[-1e-200, 1e-200]]])
    assert OuterSum(None, right, right.sum(axis=(0, 1))).shares.sum() == 1.0


def test_shares_beyond_the_largest_float_are_zero_not_infinite() -> None:
    right = np.array([[[1e300]], [[-1e300]]])
    assert OuterSum(None, right, np.array([1e-300])).shares.tolist() == [0.0, 0.0]
