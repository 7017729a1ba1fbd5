"""What each step adds to the shared weights: drawings beside the stage, read and filled in apart from it."""

from app.experiments.run import Run
from app.stage.bars import bar_lines, bar_numbers, bar_places, bars, stacks_of
from app.stage.family import family_of
from app.stage.kept import Kept
from app.stage.numbers import FORWARD_SCALE, written
from app.stage.outline import bars_of
from app.stage.reading import Arrays, Reading, kinds
from app.stage.shape import Shape
from app.stage.sheet import Sheet
from app.stage.template import Parts, marks, templates, weight

PIECES = 100_000  # of markup that are kept: a dozen words have four hundred, the largest sixty thousand
BLANKS = Kept[Parts](PIECES, weight)


def adds(run: Run, shape: Shape) -> dict[str, list[bytes]]:
    """The bars of every shared weight by the name of their drawing, as pieces of markup."""
    found = reading(run, shape)
    parts = BLANKS.of(family_of(shape), lambda: _blank(found, family_of(shape)))
    strings = found.strings()
    return {name: template.filled(strings) for name, template in parts.items()}


def reading(run: Run, shape: Shape) -> Reading:
    """What the bars of a run are made of."""
    stacks = stacks_of(run, shape)
    numbers = {name: array[None] for name, array in bar_numbers(stacks).items()}
    arrays = (Arrays(numbers, numbers, FORWARD_SCALE, trim=False),)
    texts = written(kinds(arrays), ())
    return Reading(arrays, bar_places(stacks), bar_lines(run, shape, stacks), (), {}, texts)


def drawn(shape: Shape, sheet: Sheet) -> dict[str, str]:
    """The same as markup, from a sheet of that reading."""
    return {bars_of(name): bars(shape, sheet, name) for name in shape.shared}


def _blank(found: Reading, family: Shape) -> Parts:
    return templates(drawn(family, Sheet(found.index(), marks(found.count))))
