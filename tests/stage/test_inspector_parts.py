"""Every part of the picture opens in the inspector; what is no part is refused in words."""

import re
from collections.abc import Iterator

import pytest

from app.experiments.errors import ExperimentError
from app.experiments.experiment import Experiment
from app.experiments.run import Run, run
from app.stage.inspection import Inspection, inspect


def movie(**changes: object) -> Run:
    return run(Experiment(**{"sentence": "movie was not good", "target": 0, "weights": "lecture", **changes}))


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def lines(found: Inspection) -> dict[str, str]:
    """Every term with its number; the first of a name counts."""
    pairs = [(plain(line.term), plain(line.value)) for block in found.blocks for line in block.lines]
    return dict(reversed(pairs))


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def every_part(found: Run) -> Iterator[str]:
    """All the names the stage and the ledger give."""
    steps, units, second = len(found.words), found.experiment.hidden_size, found.update.loss is not None
    shared = list(found.parameters["left_to_right"])
    yield from (
        "h-0.0",
        "h-0",
        "z.0",
        "y.0",
        "dz.0",
        "dy.0",
        "sp.0",
        "sigma",
        "loss",
        "L",
        "fold",
        "edge-y",
        "pulse-y",
    )
    yield from (f"yh-{steps}.0", f"yh-{steps}", "word-0", *(("z2.0", "y2.0", "loss2") if second else ()))
    for t in range(1, steps + 1):
        yield from (f"x-{t}", f"edge-{t}", f"pulse-{t}", f"cross-{t}", f"norm-{t}", f"col-{t}", f"jac-{t}")
        kinds = ["xw", "hw", "a", "f", "h", "dh", "da", "fp", "h1", *(["bb"] if "b_h" in shared else [])]
        kinds += ["a2", "h2"] if second else []
        yield from (f"{kind}-{t}.{units - 1}" for kind in kinds)
        yield from (f"{kind}-{t}" for kind in kinds)
        yield from (
            f"jac-{t}.{units - 1}.0",
            f"in-W_hh-{t}-0.{units - 1}",
            f"in-W_xh-{t}.0",
            f"left-W_hh-{t}.0",
        )
        yield from (f"{kind}-{name}-{t}" for kind in ("slot", "coin", "bars") for name in shared)
        yield from (f"top-{name}-{t}.0" for name in shared)
        yield from (f"outer-{name}-{t}-0.0" for name in shared)
    for names in found.parameters.values():
        for name in names:
            yield from (
                f"{layer}{name}-{place}"
                for layer in ("", "tot-", "step-", "new-")
                for place in ("0.0", "all")
            )
            yield from (f"total-{name}", f"tick-{name}", f"slot-{name}-whole")


CASES = [
    {},
    {"bias": "outside", "loss": "mse"},
    {"bias": "mixed", "loss": "difference"},
    {"bias": "none"},
    {"hidden_size": 1},
    {"hidden_size": 20, "activation": "relu"},
    {"activation": "sigmoid"},
    {"activation": "identity", "target": 1},
    {"sentence": "movie"},
    {"initial_state": "random"},
    {"clip_norm": 0.01},
    {"learning_rate": 0.0},
]


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_every_part_of_the_picture_opens(changes: dict[str, object]) -> None:
    found = movie(**changes)
    for name in every_part(found):
        shown = inspect(found, name)
        assert shown.title, name
        assert shown.what, name
        assert shown.proof is None or shown.proof.good or shown.proof.numeric == "not defined", (
            name,
            shown.proof,
        )
        words = plain("".join(block.grid for block in shown.blocks)) + " ".join(lines(shown).values())
        assert "nan" not in words, name
        assert "inf" not in words, name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "part must be the name of a part of the picture, such as"),
        ("h-x", "part must be the name of a part of the picture, such as"),
        ("<script>", "part must be the name of a part of the picture, such as"),
        ("h-9.1", 'part must be at a step from 0 to 4, got "h-9.1"'),
        ("dh-0.1", 'part must be at a step from 1 to 4, got "dh-0.1"'),
        ("h-1.3", 'part must be in unit 0 to 2, got "h-1.3"'),
        ("W_hh-0.7", 'part must be in column 0 to 2, got "W_hh-0.7"'),
        ("W_xh-5.0", 'part must be in row 0 to 4, got "W_xh-5.0"'),
        ("word-5", 'part must be in row 0 to 4, got "word-5"'),
        ("jac-2.3.0", 'part must be in row 0 to 2, got "jac-2.3.0"'),
        ("yh-2.0", 'part must be at step 4, the only one that the output reads, got "yh-2.0"'),
        ("in-W_hy-1-0.0", "part must be a part of W_xh, W_hh, b_h: the readout has no steps"),
        ("slot-W_hy-2", "part must be a part of W_xh, W_hh, b_h: the readout has no steps"),
        ("in-W_hh-1.0", "part must be spelt in-W_hh-step-row.column"),
        ("h-" + "9" * 500, "part must be the name of a part of the picture, such as"),
    ],
)
def test_a_part_that_is_not_there_is_refused_in_words(name: str, message: str) -> None:
    with pytest.raises(ExperimentError) as refused:
        inspect(movie(), name)
    assert refused.value.errors[0].field == "part"
    assert refused.value.errors[0].message.startswith(message)


def test_a_bias_that_is_not_there_is_refused() -> None:
    for name in ("b_h-0.0", "bb-1.0", "tot-b_y-0.0"):
        with pytest.raises(ExperimentError, match="part must be other than a bias, as bias is none"):
            inspect(movie(bias="none"), name)


def test_the_second_pass_is_refused_when_there_is_none() -> None:
    found = movie(bias="outside", sentence="movie was good", target=1, learning_rate=100.0)
    assert found.update.loss is None
    with pytest.raises(ExperimentError, match="here the update leaves the domain, so there is no second"):
        inspect(found, "y2.0")


@pytest.mark.parametrize(
    ("part", "changes", "note"),
    [
        ("coin-W_hh-2", {"hidden_size": 10}, "Shown are 8 of 10 rows and 8 of 10 columns."),
        ("coin-W_hy-2", {"hidden_size": 9, "task": "next_word"}, "Shown are 8 of 9 rows and 5 of 5 columns."),
        ("coin-b_h-2", {"hidden_size": 10}, "Shown are 8 of 10 columns."),
        ("coin-W_hh-2", {"hidden_size": 8}, ""),
    ],
)
def test_a_coin_says_which_of_its_numbers_are_shown(part: str, changes: dict[str, object], note: str) -> None:
    notes = inspect(movie(**changes), part).notes
    assert [said for said in notes if said.startswith("Shown")] == ([note] if note else [])
