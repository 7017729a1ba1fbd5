"""The formulas at the output, with the numbers of a run in them."""

from app.experiments.run import Run
from app.numerals import MINUS, long
from app.stage.ends import (
    SMALLEST,
    UNBROKEN,
    d_logit,
    d_prediction,
    logit,
    outside_bias,
    prediction,
    short_of_one,
    sigma_slope,
    through_logit,
)
from app.stage.formulas import THIN, d, frac, hat_y, mn, num, op, plus, row, var

Terms = tuple[str, ...]


def _grouped(text: str) -> str:
    """A number in brackets where it is more than one piece, or has a sign."""
    pieces = text.startswith(MINUS) or text.startswith(f"1{UNBROKEN}")
    return row(op("("), mn(text), op(")")) if pieces else mn(text)


def sigma_formula(run: Run) -> Terms:
    """ŷ = σ(z) (+ b_y)."""
    bias = outside_bias(run)
    tail = () if bias is None else plus(bias)
    z = num(logit(run.forward))
    return (hat_y(), op("="), var("σ"), op("("), z, op(")"), *tail, op("="), mn(prediction(run), "f"))


def loss_formula(run: Run) -> Terms:
    """L = its formula = the same with numbers = its value."""
    y, value = f"<mn>{run.experiment.target}</mn>", num(run.loss, "f")
    if through_logit(run):
        z = long(logit(run.forward))
        equals = op("≈") if run.loss < SMALLEST else op("=")
        return (
            var("L"), op("="), _softplus(var("z")), op("−"), var("y"), op("·"), var("z"),
            op("="), _softplus(mn(z)), op("−"), y, op("·"), _grouped(z), equals, value,
        )  # fmt: skip
    symbols = _LOSSES[run.experiment.loss](run, var("y"), hat_y(), _one_minus(hat_y()))
    rest, said = short_of_one(run), _grouped(prediction(run))
    numbers = _LOSSES[run.experiment.loss](run, y, said, mn(rest) if rest else _one_minus(said))
    return (var("L"), op("="), symbols, op("="), numbers, op("="), value)


def _one_minus(term: str) -> str:
    return row(op("("), "<mn>1</mn>", op("−"), term, op(")"))


def _softplus(z: str) -> str:
    """ln(1 + e^z)."""
    return row(var("ln"), op("("), "<mn>1</mn>", op("+"), f"<msup>{var('e')}{row(z)}</msup>", op(")"))


def _bce(run: Run, y: str, y_hat: str, rest: str) -> str:
    return row(op("−"), var("ln"), THIN, y_hat if run.experiment.target else rest)


def _mse(run: Run, y: str, y_hat: str, rest: str) -> str:
    return "".join(("<msup>", row(op("("), y, op("−"), y_hat, op(")")), "<mn>2</mn></msup>"))


def _difference(run: Run, y: str, y_hat: str, rest: str) -> str:
    return row(y, op("−"), y_hat)


_LOSSES = {"bce": _bce, "mse": _mse, "difference": _difference}


def slope_formula(run: Run) -> Terms:
    """∂L/∂ŷ = with numbers = its value."""
    left, value = d("<mi>L</mi>", hat_y()), mn(d_prediction(run).long, "b")
    if run.experiment.loss == "difference":
        return (left, op("="), row(op("−"), "<mn>1</mn>"))
    if run.experiment.loss == "mse":
        inside = row(op("("), mn(prediction(run)), op("−"), f"<mn>{run.experiment.target}</mn>", op(")"))
        return (left, op("="), row("<mn>2</mn>", inside), op("="), value)
    sign = (op("−"),) if run.experiment.target else ()
    if through_logit(run):
        z = logit(run.forward) * (1 - 2 * run.experiment.target)
        power = f"<msup>{var('e')}{mn(long(z))}</msup>"
        sum_of_both = row("<mn>1</mn>", op("+"), power)
        by_logit = row(*sign, op("("), sum_of_both, op(")")) if sign else sum_of_both
        symbols = row(*sign, frac("<mn>1</mn>", _probability(run)))
        return (left, op("="), symbols, op("="), by_logit, op("="), value)
    rest, below = short_of_one(run), mn(prediction(run))
    if not run.experiment.target:
        below = mn(rest) if rest else row("<mn>1</mn>", op("−"), below)
    return (left, op("="), row(*sign, frac("<mn>1</mn>", below)), op("="), value)


def _probability(run: Run) -> str:
    """What the network gave the right answer, as a symbol."""
    return hat_y() if run.experiment.target else row("<mn>1</mn>", op("−"), hat_y())


def blame_formula(run: Run) -> Terms:
    """∂L/∂z = ∂L/∂ŷ σ′ = its value; from the logit, ŷ − y, where ŷ rounds."""
    left, value = d("<mi>L</mi>", "<mi>z</mi>"), mn(d_logit(run).long, "b")
    if through_logit(run):
        y = f"<mn>{run.experiment.target}</mn>"
        z = num(logit(run.forward))
        return (
            left, op("="), row(hat_y(), op("−"), var("y")), op("="),
            row(var("σ"), op("("), z, op(")"), op("−"), y), op("="), value,
        )  # fmt: skip
    slope, d_y = _grouped(sigma_slope(run).long), mn(d_prediction(run).long, "b")
    return (
        left, op("="), d("<mi>L</mi>", hat_y()), op("·"), var("σ", "", "′"),
        op("="), d_y, op("·"), slope, op("="), value,
    )  # fmt: skip
