"""The output where σ rounds: no equation that is false, no number that is not there."""

from __future__ import annotations

import pytest

from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.stage import end_formulas, ends
from app.stage.inspection import inspect
from app.stage.ledger import ledger
from app.stage.stage import Stage
from tests.stage.cases import plain

E_1000 = "5.0760 × 10⁻⁴³⁵"  # exp(-1000)


def answered(logit: float, target: int, loss: str = "bce") -> Run:
    """A run whose logit is b_y alone."""
    edits = [{"name": "readout.W_hy", "index": [k, 0], "value": 0} for k in range(3)]
    edits.append({"name": "readout.b_y", "index": [0], "value": logit})
    return run(Experiment(sentence="movie good", target=target, loss=loss, edits=edits))


def formulas(found: Run) -> list[str]:
    told = end_formulas.formulas(found, ends.end_of(found))
    return [plain(told[name]).replace("\u00a0", " ") for name in ("sigma", "loss", "slope", "blame")]


def told(found: Run) -> str:
    return " ".join(plain(frame.caption) + plain(frame.formula) for frame in Stage(found).frames)


def test_a_logit_of_a_thousand_is_wrong_by_a_thousand() -> None:
    assert formulas(answered(1000, 0)) == [
        f"y^=σ(1000)=1 − {E_1000}",
        "L=ln(1+ez)−y·z=ln(1+e1000)−0·1000=1000",
        "∂L∂y^=11−y^=1+e1000=1.9701 × 10⁴³⁴",
        "∂L∂z=y^−y=σ(1000)−0=1",
    ]


def test_a_logit_of_minus_a_thousand_is_as_wrong_the_other_way() -> None:
    assert formulas(answered(-1000, 1)) == [
        f"y^=σ(−1000)={E_1000}",
        "L=ln(1+ez)−y·z=ln(1+e−1000)−1·(−1000)=1000",
        "∂L∂y^=−1y^=−(1+e1000)=−1.9701 × 10⁴³⁴",
        "∂L∂z=y^−y=σ(−1000)−1=−1",
    ]


def test_a_right_answer_beyond_doubt_is_not_quite_without_blame() -> None:
    found = answered(1000, 1)
    assert formulas(found)[1:] == [
        "L=ln(1+ez)−y·z=ln(1+e1000)−1·1000≈0",
        "∂L∂y^=−1y^=−(1+e−1000)=−1",
        f"∂L∂z=y^−y=σ(1000)−1=−{E_1000}".replace("=-", "=−"),
    ]
    assert "No float is that small" in told(found)


@pytest.mark.parametrize("logit", [9.0, 20.0])
def test_a_prediction_near_one_keeps_the_digits_of_its_distance(logit: float) -> None:
    rest = {9.0: "0.000123395", 20.0: "2.0612 × 10⁻⁹"}[logit]
    assert formulas(answered(logit, 0))[:2] == [
        f"y^=σ({logit:g})=1 − {rest}",
        f"L=−ln(1−y^)=−ln{rest}={'9.00012' if logit == 9 else '20'}",
    ]
    assert formulas(answered(logit, 1))[1].startswith(f"L=−lny^=−ln(1 − {rest})=")


def test_in_words_it_is_said_where_the_numbers_come_from() -> None:
    assert (
        "In floating point ŷ rounds to 1: the loss, and its slope ŷ − y, are taken from the logit."
        in told(answered(1000, 0))
    )
    assert "ŷ rounds to 0" in inspect(answered(-1000, 1), "loss").what
    assert "rounds" not in told(answered(20, 0))


@pytest.mark.parametrize("logit", [-1000.0, -740.0, 40.0, 705.0, 712.5, 1000.0, 1e6])
@pytest.mark.parametrize("target", [0, 1])
def test_nothing_held_at_a_limit_is_ever_shown(logit: float, target: int) -> None:
    found = answered(logit, target)
    shown = [told(found), *(part.decode() for part in Stage(found).parts.values())]
    for name in ("W_xh", "W_hy", "b_y"):
        table = ledger(found, name)
        shown.append("".join(cell.html for row in table.rows for cell in row.cells))
        shown.append(repr(table.notes))
    shown += [
        repr(inspect(found, part)) for part in ("y.0", "dy.0", "dz.0", "sp.0", "loss", "yh-2.0", "W_hy-0.0")
    ]
    for text in shown:
        assert "8.9885" not in text and "9.0e307" not in text
        assert "ln(1−1)" not in plain(text) and "1−1<" not in text


def test_the_factors_of_a_ledger_row_multiply_to_its_blame() -> None:
    cells = [plain(cell.html) for cell in ledger(answered(1000, 0), "W_hy").rows[0].cells]
    assert cells[:3] == ["2e434", "5e−435", "1.00"]


def test_what_a_probability_cannot_be_moved_by_is_not_called_wrong() -> None:
    for logit in (-1000.0, -740.0, -20.0, 9.0, 13.0, 20.0, 40.0, 1e6):
        for target in (0, 1):
            proofs = [inspect(answered(logit, target), part).proof for part in ("y.0", "dy.0", "z.0", "dz.0")]
            assert all(proof is None or proof.good for proof in proofs), (logit, target)


def test_a_squared_error_is_told_by_the_rounded_prediction_that_it_uses() -> None:
    assert formulas(answered(1000, 0, "mse")) == [
        "y^=σ(1000)=1", "L=(y−y^)2=(0−1)2=1", "∂L∂y^=2(1−0)=2", "∂L∂z=∂L∂y^·σ′=2·0=0",
    ]  # fmt: skip
    assert formulas(answered(20, 1, "mse"))[1] == "L=(y−y^)2=(1−(1 − 2.0612 × 10⁻⁹))2=4.2484 × 10⁻¹⁸"


def test_a_power_of_e_is_written_however_far_it_is() -> None:
    assert ends.power_of_e(1000.0) == ("2e434", "1.9701 × 10⁴³⁴")
    assert ends.power_of_e(-1000.0, "−") == ("−5e−435", "−5.0760 × 10⁻⁴³⁵")
    assert ends.power_of_e(700.0).long == "1.0142 × 10³⁰⁴"
    assert ends.power_of_e(1e12) == ("e^1.0e12", "e^1.0000 × 10¹²")
