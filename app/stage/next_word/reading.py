"""The numbers of a network that predicts at every step, as feet of columns and the track's end show them."""

import numpy as np
from numpy.typing import NDArray

from app.engine.softmax import NO_TARGET, cross_entropies
from app.experiments.run import Run
from app.stage.bands import band_places, by_distance
from app.stage.next_word.options import at, options
from app.stage.shape import Shape

Array = NDArray[np.float64]
Named = dict[str, Array]
SHARE, LOST = 92.0, 84.0  # pixels of a share of 1, and of the largest loss


def asked(run: Run) -> int:
    """How many predictions are judged."""
    return len(run.words) - 1


def losses(run: Run) -> Array:
    """L_t, (T,); 0 after the last word."""
    found = run.losses
    assert found is not None  # every step predicts
    return found


def losses_again(run: Run) -> Array:
    """L_t of the second forward pass, (T,)."""
    again = run.update.forward
    if again is None:
        return np.zeros(len(run.words))
    targets = np.array([*run.ids[1:], NO_TARGET])[:, None]
    found: Array = cross_entropies(again.logit[:, None], targets)[:, 0]
    return found


def chances(run: Run) -> Array:
    """The share that the word that comes gets, (T,); 0 after the last word."""
    steps = len(run.words)
    return np.append(run.forward.y_hat[np.arange(steps - 1), list(run.ids[1:])], 0.0)


def forward(run: Run, shape: Shape) -> Named:
    """Logits and shares of the words shown, (T, R)."""
    words = options(run, shape)
    return {"z": at(run.forward.logit, words), "y": at(run.forward.y_hat, words)}


def again(run: Run, shape: Shape) -> Named:
    """The shares of the second forward pass."""
    found = run.update.forward
    return {} if found is None else {"y2": at(found.y_hat, options(run, shape))}


def backward(run: Run, shape: Shape) -> Named:
    """dL/dz_t of the words shown (T, R), and of each state what its own loss gives it and what comes back."""
    back, units = run.backward, shape.units
    found = {"dz": at(back.d_logit, options(run, shape))}
    for k, lane in enumerate(shape.lanes):
        own = back.d_input[:, k * units : (k + 1) * units]
        found |= lane.named({"own": own, "beyond": back.chains[lane.chain].d_h_carried})
    return found


def sizes(run: Run, shape: Shape) -> Named:
    """The losses and what goes with them, (T,)."""
    return {
        "L": np.array([run.loss]),
        "losses": losses(run),
        "losses after": losses_again(run),
        "chances": chances(run),
    }


def places(run: Run, shape: Shape, sizes: Named) -> Named:
    """Lengths of bars, and the edges of the ribbons' bands."""
    words, change = options(run, shape), run.update.forward
    lost, after = sizes["losses"][0], sizes["losses after"][0]
    longest = max(float(lost.max()), float(after.max()), 1e-300)
    found = {
        "share": at(run.forward.y_hat, words) * SHARE,
        "lost": lost / longest * LOST,
        "lost after": after / longest * LOST,
        "mean": np.array([min(1.0, run.loss / longest) * LOST]),
    }
    if change is not None:
        found["share after"] = at(change.y_hat, words) * SHARE
    for lane in shape.lanes:
        lengths = by_distance(run.credit[lane.chain], lane)
        arrives, goes, came = (sizes[name + lane.suffix][0] for name in ("norm", "norm a", "norm owed"))
        found |= lane.named(band_places(lengths, (arrives, goes, came), lane, shape.geometry))
    return found
