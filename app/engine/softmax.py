"""A word predicted at every step: softmax over the vocabulary, and its cross-entropy.

L_t = log(sum_k exp(z_tk)) - z_ty,  dL_t/dz_t = softmax(z_t) - onehot(y)
L is the mean over the steps with a target.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = NDArray[Any]
Words = NDArray[np.intp]

NO_TARGET = -1
"""The target of a step whose prediction is not judged."""


def softmax(logit: Values, out: Values) -> Values:
    """exp(z) / sum exp(z) along the last axis, real or complex, without overflow."""
    with np.errstate(over="ignore", under="ignore"):
        np.subtract(logit, logit.real.max(axis=-1, keepdims=True), out)
        np.exp(out, out)
    np.divide(out, out.sum(axis=-1, keepdims=True), out)
    return out


def cross_entropies(logit: Values, target: Words) -> Values:
    """L_t of each step, (T, B); 0 where there is no target.

    logit : ndarray of shape (T, B, O)
    target : ndarray of shape (T, B)
    """
    top = logit.real.max(axis=-1)
    chosen = np.take_along_axis(logit, np.maximum(target, 0)[..., None], axis=-1)[..., 0]
    with np.errstate(over="ignore", under="ignore"):
        losses: Values = np.log(np.exp(logit - top[..., None]).sum(axis=-1)) + (top - chosen)
    return np.where(target == NO_TARGET, 0.0, losses)


def step_weights(target: Words) -> Array:
    """What each step counts for in its sentence's mean, (T, B)."""
    judged = target != NO_TARGET
    weights: Array = judged / np.maximum(judged.sum(axis=0), 1)
    return weights


def pull(logit: Array, target: Words, weights: Array, out: Array) -> Array:
    """The weighted dL/dz. The target's entry is minus the sum of the others: softmax - 1 could round to 0."""
    softmax(logit, out)
    place = np.maximum(target, 0)[..., None]
    np.put_along_axis(out, place, 0.0, axis=-1)
    np.put_along_axis(out, place, -out.sum(axis=-1, keepdims=True), axis=-1)
    return np.multiply(out, weights[..., None], out)


def slope_of_probability(y_hat: Array, target: Words, weights: Array) -> Array:
    """dL/dy_hat = -1 / y_hat at the target, held at the largest float64."""
    slopes = np.zeros_like(y_hat)
    place = np.maximum(target, 0)[..., None]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # 0 / 0 where nothing is judged
        chosen = weights[..., None] / np.take_along_axis(y_hat, place, axis=-1)
    chosen = np.where(weights[..., None] > 0.0, np.minimum(chosen, np.finfo(np.float64).max), 0.0)
    np.put_along_axis(slopes, place, -chosen, axis=-1)
    return slopes
