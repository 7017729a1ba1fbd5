"""The numbers at the output as texts.

Near its ends σ(z) rounds to 1 or to 0, its slope vanishes and 1/ŷ overflows, while the logit z says it all:
1 − σ(z) = σ(−z) and, far out, σ(−z) = exp(−z). So what a float does not hold there is written from z.
"""

import math
from typing import NamedTuple

from app.engine.losses import sigmoid
from app.experiments.passes import Forward
from app.experiments.run import Run
from app.numerals import MINUS, SUPERSCRIPTS, long, short
from app.wording.catalogue import _

FAR = 700.0  # beyond, exp(|z|) leaves the range of floats, or is about to
CLOSE = 1e-3  # so near to 1, the digits of a prediction would hide its distance from 1
UNREADABLE = 1e9  # a power of e so high has no digits left
SMALLEST = 1e-300
UNBROKEN = "\u00a0"
LN_10 = math.log(10)


class Text(NamedTuple):
    """A number as a cell shows it, and to more digits."""

    short: str
    long: str


def _text(value: float) -> Text:
    return Text(short(value), long(value))


def power_of_e(exponent: float, sign: str = "") -> Text:
    """exp(exponent), however far beyond floats."""
    if abs(exponent) > UNREADABLE:
        return Text(f"{sign}e^{short(exponent)}", f"{sign}e^{long(exponent)}")
    power = math.floor(exponent / LN_10)
    size = math.exp(exponent - power * LN_10)
    return Text(sign + _in_a_cell(size, power), sign + _scientific(size, power, 4))


def _in_a_cell(size: float, power: int) -> str:
    """size · 10^power in few characters: a cell has room for six."""
    mantissa, carried = _rounded(size, 1 if 0 < power < 100 else 0)
    return f"{mantissa}e{power + carried}".replace("-", MINUS)


def _scientific(size: float, power: int, digits: int) -> str:
    """size · 10^power."""
    mantissa, carried = _rounded(size, digits)
    return f"{mantissa} × 10{str(power + carried).translate(SUPERSCRIPTS)}"


def _rounded(size: float, digits: int) -> tuple[str, int]:
    """A mantissa, 1 to 10, and 1 where it was rounded up to ten and belongs to the next power."""
    text = f"{size:.{digits}f}"
    return (f"{1:.{digits}f}", 1) if text.startswith("10") else (text, 0)


def output_slope(run: Run) -> float:
    """The slope of sigma at the logit, sigma(z) sigma(-z): it does not cancel for a confident prediction."""
    z = logit(run.forward)
    return float(sigmoid(z, math) * sigmoid(-z, math))


def logit(forward: Forward) -> float:
    return forward.logit.item(0)


def outside_bias(run: Run) -> float | None:
    """b_y where it stands outside sigma."""
    found = run.parameters["readout"].get("b_y")
    return None if found is None or run.forward.output_bias_inside else found.item(0)


def _by_logit(run: Run) -> bool:
    """Whether the engine takes loss and slope from z and never forms ŷ."""
    return run.experiment.loss == "bce" and outside_bias(run) is None


class End(NamedTuple):
    """The numbers at the output of a run, most of them as texts.

    z : the logit
    through_logit : whether loss and slope are told by z: ŷ is 0 or 1 to a float, or so near to 0 that 1/ŷ has
    none
    underflows : whether ∂L/∂z is smaller than a float with all its digits
    prediction, second_prediction : ŷ, and ŷ after the update, where there is one
    short_of_one : 1 − ŷ where ŷ is close to 1, else nothing
    d_prediction : ∂L/∂ŷ; cross-entropy's is 1 + exp(z), or −1 − exp(−z), and may leave the range of floats
    sigma_slope : σ′(z). d_logit : ∂L/∂z; small beyond floats, it is written all the same
    """

    z: float
    through_logit: bool
    underflows: bool
    prediction: str
    second_prediction: str
    short_of_one: str
    d_prediction: Text
    sigma_slope: Text
    d_logit: Text


def end_of(run: Run) -> End:
    """The end of a run with one output."""
    forward, back, target, again = run.forward, run.backward, run.experiment.target, run.update.forward
    z, by_logit, sign = logit(forward), _by_logit(run), MINUS if target else ""
    size, wrong, d_z = abs(z), -z if target else z, back.d_logit.item(0)
    through = by_logit and (forward.y_hat.item(0) == 1.0 or size > FAR)
    underflows = through and abs(d_z) < SMALLEST
    prediction, short_of_one = _prediction(forward, by_logit)
    return End(
        z,
        through,
        underflows,
        prediction,
        "" if again is None else _prediction(again, by_logit)[0],
        short_of_one,
        power_of_e(wrong, sign) if through and wrong > FAR else _text(back.d_y_hat.item(0)),
        power_of_e(-size) if by_logit and size > FAR else _text(output_slope(run)),
        power_of_e(-size, sign) if underflows else _text(d_z),
    )


def _prediction(forward: Forward, by_logit: bool) -> tuple[str, str]:
    """ŷ; close to 1 as 1 − c, so that 1 − ŷ keeps its digits. And c where ŷ is close below 1."""
    z, y_hat = logit(forward), forward.y_hat.item(0)
    rest = float(sigmoid(-z, math)) if by_logit else 1.0 - y_hat
    if by_logit and z < -FAR:
        return power_of_e(z).long, ""
    if abs(rest) >= CLOSE:
        return long(y_hat), ""
    size = power_of_e(-z).long if by_logit and z > FAR else long(abs(rest))
    if size == "0":
        return long(y_hat), ""
    text = f"1 {MINUS if rest >= 0 else '+'} {size}".replace(" ", UNBROKEN)
    return text, size if rest > 0.0 else ""


def times_slope(run: Run, number: float) -> Text:
    """σ′(z) times a number: ∂ŷ by what the number multiplies in z."""
    z = logit(run.forward)
    if _by_logit(run) and abs(z) > FAR and number != 0.0:
        return power_of_e(math.log(abs(number)) - abs(z), MINUS if number < 0 else "")
    return _text(output_slope(run) * number)


def rounding_told(end: End) -> str:
    """A sentence where ŷ rounds: what is lost, and whence the numbers are taken instead."""
    if not end.through_logit:
        return ""
    return (
        _(
            "In floating point ŷ rounds to {end}: the loss, and its slope ŷ − y, are taken from the logit.",
            end="1" if end.z > 0 else "0",
        )
        + " "
    )


def vanishing_told(run: Run, end: End) -> str:
    """A sentence where the blame on z is too small for a float, so that 0 goes on from here."""
    return (
        " " + _("No float is that small: from here on it is 0.") if end.underflows and run.loss == 0.0 else ""
    )
