"""The formulas at the output, with the numbers of a run in them.

Which terms stand in them depends on the loss, the target and where ŷ rounds, and on no other number: so they
are composed once for each case, with a name in the place of each number, and filled in for a run.
"""

from functools import lru_cache
from typing import NamedTuple

from app.experiments.run import Run
from app.numerals import MINUS, long
from app.stage.ends import SMALLEST, UNBROKEN, End, outside_bias
from app.stage.formulas import THIN, d, frac, hat_y, mn, op, row, stretches, var

Terms = tuple[str, ...]
L, Z = "<mi>L</mi>", "<mi>z</mi>"


class Case(NamedTuple):
    """What decides on the terms.

    through_logit : whether loss and slope are told by z. apart : whether 1 − ŷ has a text of its own
    bias : the sign before a b_y outside σ, "" where there is none. tiny : whether L lacks digits as a float
    """

    loss: str
    target: int
    through_logit: bool
    apart: bool
    bias: str
    tiny: bool


def formulas(run: Run, end: End) -> dict[str, str]:
    """Of ŷ, the loss, its slope and the blame on z, each as MathML in stretches: see `formulas.stretches`."""
    experiment, bias = run.experiment, outside_bias(run)
    sign = "" if bias is None else "+" if bias >= 0.0 else MINUS
    tiny, apart = run.loss < SMALLEST, bool(end.short_of_one)
    numbers = {
        "z": long(end.z),
        "bias": "" if bias is None else long(abs(bias)),
        "ŷ": end.prediction,
        "(ŷ)": _grouped(end.prediction),
        "rest": end.short_of_one,
        "L": long(run.loss),
        "dŷ": end.d_prediction.long,
        "(slope)": _grouped(end.sigma_slope.long),
        "dz": end.d_logit.long,
    }
    if end.through_logit:
        numbers |= {"(z)": _grouped(numbers["z"]), "±z": long(-end.z if experiment.target else end.z)}
    case = Case(experiment.loss, experiment.target, end.through_logit, apart, sign, tiny)
    return {name: blank % numbers for name, blank in _blanks(case).items()}


@lru_cache(maxsize=128)
def _blanks(case: Case) -> dict[str, str]:
    """The formulas of a case with names in the place of numbers."""
    terms = {"sigma": _sigma(case), "loss": _loss(case), "slope": _slope(case), "blame": _blame(case)}
    return {name: "".join(stretches(*of)) for name, of in terms.items()}


def _number(name: str, cls: str = "") -> str:
    return mn(_bare(name), cls)


def _bare(name: str) -> str:
    """The place of a number that brings its tags along."""
    return f"%({name})s"


def _grouped(text: str) -> str:
    """A number in brackets where it is more than one piece, or has a sign."""
    pieces = text.startswith(MINUS) or text.startswith(f"1{UNBROKEN}")
    return row(op("("), mn(text), op(")")) if pieces else mn(text)


def _sigma(case: Case) -> Terms:
    """ŷ = σ(z) (+ b_y)."""
    tail = (op(case.bias), _number("bias")) if case.bias else ()
    return (hat_y(), op("="), var("σ"), op("("), _number("z"), op(")"), *tail, op("="), _number("ŷ", "f"))


def _loss(case: Case) -> Terms:
    """L = its formula = the same with numbers = its value."""
    y, value = mn(str(case.target)), _number("L", "f")
    if case.through_logit:
        return (
            var("L"), op("="), _softplus(var("z")), op("−"), var("y"), op("·"), var("z"),
            op("="), _softplus(_number("z")), op("−"), y, op("·"), _bare("(z)"),
            op("≈") if case.tiny else op("="), value,
        )  # fmt: skip
    symbols = _LOSSES[case.loss](case, var("y"), hat_y(), _one_minus(hat_y()))
    rest = _number("rest") if case.apart else _one_minus(_bare("(ŷ)"))
    numbers = _LOSSES[case.loss](case, y, _bare("(ŷ)"), rest)
    return (var("L"), op("="), symbols, op("="), numbers, op("="), value)


def _one_minus(term: str) -> str:
    return row(op("("), "<mn>1</mn>", op("−"), term, op(")"))


def _softplus(z: str) -> str:
    """ln(1 + e^z)."""
    return row(var("ln"), op("("), "<mn>1</mn>", op("+"), f"<msup>{var('e')}{row(z)}</msup>", op(")"))


def _bce(case: Case, y: str, y_hat: str, rest: str) -> str:
    return row(op("−"), var("ln"), THIN, y_hat if case.target else rest)


def _mse(case: Case, y: str, y_hat: str, rest: str) -> str:
    return "".join(("<msup>", row(op("("), y, op("−"), y_hat, op(")")), "<mn>2</mn></msup>"))


def _difference(case: Case, y: str, y_hat: str, rest: str) -> str:
    return row(y, op("−"), y_hat)


_LOSSES = {"bce": _bce, "mse": _mse, "difference": _difference}


def _slope(case: Case) -> Terms:
    """∂L/∂ŷ = with numbers = its value."""
    left, value = d(L, hat_y()), _number("dŷ", "b")
    if case.loss == "difference":
        return (left, op("="), row(op("−"), "<mn>1</mn>"))
    if case.loss == "mse":
        inside = row(op("("), _number("ŷ"), op("−"), mn(str(case.target)), op(")"))
        return (left, op("="), row("<mn>2</mn>", inside), op("="), value)
    sign = (op("−"),) if case.target else ()
    if case.through_logit:
        sum_of_both = row("<mn>1</mn>", op("+"), f"<msup>{var('e')}{_number('±z')}</msup>")
        by_logit = row(*sign, op("("), sum_of_both, op(")")) if sign else sum_of_both
        symbols = row(*sign, frac("<mn>1</mn>", _probability(case)))
        return (left, op("="), symbols, op("="), by_logit, op("="), value)
    below = _number("ŷ")
    if not case.target:
        below = _number("rest") if case.apart else row("<mn>1</mn>", op("−"), below)
    return (left, op("="), row(*sign, frac("<mn>1</mn>", below)), op("="), value)


def _probability(case: Case) -> str:
    """What the network gave the right answer, as a symbol."""
    return hat_y() if case.target else row("<mn>1</mn>", op("−"), hat_y())


def _blame(case: Case) -> Terms:
    """∂L/∂z = ∂L/∂ŷ σ′ = its value; from the logit, ŷ − y, where ŷ rounds."""
    left, value = d(L, Z), _number("dz", "b")
    if case.through_logit:
        sigma = row(var("σ"), op("("), _number("z"), op(")"), op("−"), mn(str(case.target)))
        return (left, op("="), row(hat_y(), op("−"), var("y")), op("="), sigma, op("="), value)
    return (
        left, op("="), d(L, hat_y()), op("·"), var("σ", "", "′"),
        op("="), _number("dŷ", "b"), op("·"), _bare("(slope)"), op("="), value,
    )  # fmt: skip
