"""The stage as a whole: one blank for all runs of a shape, filled in for each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.experiments.errors import ExperimentError
from app.stage.family import family_of
from app.stage.frame import PHASES
from app.stage.kept import Kept
from app.stage.template import FIRST, MARK, Template, encoded, marks
from tests.stage.cases import CASES, NAMES, directly, experiments, stage, stage_of


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_blank_is_what_is_drawn_from_the_numbers_themselves(name: str) -> None:
    found = stage(name)
    assert {part: body.decode() for part, body in found.parts.items()} == directly(found)


@given(experiments())
@settings(max_examples=60, deadline=None)
def test_no_number_of_one_run_stays_in_the_blank_of_its_shape(fields: dict[str, Any]) -> None:
    """Whichever run of a shape came first, the others are drawn from their own numbers."""
    try:
        found = stage_of(**fields)
        other = stage_of(**{**fields, "seed": fields["seed"] + 1})
    except ExperimentError:
        assume(False)
    for one in (found, other):
        assert {part: body.decode() for part, body in one.parts.items()} == directly(one)


def test_two_runs_of_a_shape_share_a_blank() -> None:
    one, other = stage_of(sentence="movie was good", seed=1), stage_of(sentence="good was movie", seed=2)
    assert one.shape == other.shape
    assert one.blank is other.blank
    assert one.parts != other.parts


@pytest.mark.parametrize(
    "change",
    [
        {"sentence": "movie was"}, {"hidden_size": 4}, {"bias": "none"}, {"bias": "mixed"}, {"target": 0},
        {"activation": "relu"}, {"loss": "mse"}, {"sentence": "movie was unseen"},
    ],
    ids=str,
)  # fmt: skip
def test_what_the_markup_depends_on_makes_another_shape(change: dict[str, Any]) -> None:
    asked = {"sentence": "movie was good"}
    assert stage_of(**asked).shape != stage_of(**{**asked, **change}).shape


def test_the_oldest_blank_makes_room() -> None:
    kept, shapes = Kept[str](8, len), [stage(name).shape for name in ("movie", "cat", "one word")]
    first = kept.of(shapes[0], lambda: "four")
    kept.of(shapes[1], lambda: "five")
    assert kept.of(shapes[0], lambda: "made again") is first
    kept.of(shapes[2], lambda: "last")
    assert list(kept.kept.values()) == ["four", "last"] and kept.weight == 8
    assert kept.of(shapes[1], lambda: "larger than all") == kept.of(shapes[1], str) == "larger than all"
    assert list(kept.kept) == [shapes[1]] and kept.weight == 15


@given(experiments(), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_another_vocabulary_moves_nothing_but_its_own_cards(fields: dict[str, Any], more: int) -> None:
    """What is drawn once for a family of shapes is right for each of them."""
    try:
        found = stage_of(**fields)
        other = stage_of(**{**fields, "vocabulary": [*found.run.vocabulary, *(f"v{k}" for k in range(more))]})
    except ExperimentError:
        assume(False)
    family = family_of(found.shape)
    assume(family == family_of(other.shape) and found.shape != other.shape)
    assert found.blank is other.blank
    for one in (found, other):
        assert {part: body.decode() for part, body in one.parts.items()} == directly(one)


def test_a_word_more_in_the_vocabulary_needs_no_other_blank() -> None:
    one, other = stage_of(sentence="movie was good was it"), stage_of(sentence="movie was good was he")
    more = stage_of(sentence="movie was good they it")
    assert one.shape == other.shape != more.shape
    assert one.blank is more.blank
    assert one.cards is not more.cards


@pytest.mark.parametrize("name", NAMES)
def test_the_transport_knows_its_phases_and_its_last_frame(name: str) -> None:
    found = stage(name)
    assert found.outline.last == len(found.frames) - 1
    assert found.outline.steps == len(found.run.words)
    assert [phase.key for phase in found.outline.phases] == list(PHASES)
    assert sum(phase.length for phase in found.outline.phases) == len(found.frames)
    for phase in found.outline.phases:
        assert found.frames[phase.first].phase == phase.key
        assert found.frames[phase.first].direction == phase.direction


def test_the_style_sheet_is_told_the_sizes() -> None:
    assert stage("movie").outline.sizes == ""
    assert stage("eight units").outline.sizes == "low slim long"
    assert stage_of(sentence="a b c d e").outline.sizes == "long"


@pytest.mark.parametrize(("steps", "units"), [(256, 3), (12, 256), (256, 256)])
def test_a_large_stage_has_a_bounded_size(steps: int, units: int) -> None:
    found = stage_of(sentence=" ".join(f"w{k}" for k in range(steps)), hidden_size=units)
    assert sum(map(len, found.parts.values())) < 18_000 * steps + 250_000


def test_a_template_puts_each_string_in_its_blank() -> None:
    template = Template(f"<a>{MARK % 1}</a>\u03b4{MARK % 0}{MARK % 1}%s{{}}")
    assert b"".join(template.filled(encoded(["\u2212.5", "x"]))) == "<a>x</a>\u03b4\u2212.5x%s{}".encode()
    assert b"".join(Template("nothing \u03b4").filled([])) == "nothing \u03b4".encode()


@pytest.mark.parametrize("count", [0, 3, len(FIRST) - 1, len(FIRST), len(FIRST) + 2])
def test_marks_count_from_nothing_however_many_there_are(count: int) -> None:
    assert [int(text[1:-1]) for text in marks(count)] == list(range(count))


@pytest.mark.parametrize("texts", [["\u0939\u093f", "\U0001f469\u200d\U0001f3eb", ""], ["a\x1fb", ""], []])
def test_encoding_in_one_go_keeps_every_text_apart(texts: list[str]) -> None:
    assert encoded(texts) == [text.encode() for text in texts]


@pytest.mark.parametrize("name", NAMES)
def test_every_case_has_a_page(name: str, client: Any) -> None:
    from app.experiments.experiment import Experiment
    from app.experiments.query import to_query

    answer = client.get("/?" + to_query(Experiment(**CASES[name])))
    assert answer.status_code == 200
    assert 'id="stage"' in answer.text
