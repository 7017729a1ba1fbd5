"""What a network is asked: how its output is drawn and told, whatever cell reads the sentence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.experiments.run import Run
from app.stage import meeting, one_answer, outback_scenes, output_scenes, readout
from app.stage.frame import Frame
from app.stage.lanes import Lane
from app.stage.next_word import backward, end, foot, reading, scenes, telling
from app.stage.shape import Shape
from app.stage.sheet import Numbers, Sheet

Named = dict[str, NDArray[np.float64]]
Arrays = Callable[[Run, Shape], Named]
Drawing = Callable[[Shape, Sheet], str]
Scene = Callable[[Shape, Sheet], Iterator[Frame]]
Parts = tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """A task.

    forward, backward, again : its arrays by name, on the way forward, back, and forward again
    sizes : numbers that carry no colour; the norms of the chains belong to them
    pulses : the norms of ribbons beside those of the chains, by what the names of their edges end with
    places, lines : coordinates, given all sizes, and phrases, given the texts of what runs forward
    vectors : the names of its arrays that have a number for every hidden unit
    end, meeting : what stands at the end of the track, and at the end of two lanes
    roads : what leads a lower lane there. below : what stands under the columns
    output, loss, outback : the frames of the phases between the way forward and the way back
    meet : (shape, sheet, lane, t) -> the frames in which blame arrives at h_t, before its cell passes it on
    second : (shape, sheet, layers of the new weights, second states) -> the frames after the update
    """

    forward: Arrays
    backward: Arrays
    again: Arrays
    sizes: Arrays
    pulses: Callable[[Run], Named]
    places: Callable[[Run, Shape, Named], Named]
    lines: Callable[[Run, Shape, Numbers], dict[str, list[str]]]
    vectors: frozenset[str]
    end: Drawing
    meeting: Drawing
    roads: Drawing
    below: Drawing
    output: Scene
    loss: Scene
    outback: Scene
    meet: Callable[[Shape, Sheet, Lane, int], list[Frame]]
    second: Callable[[Shape, Sheet, Parts, Parts], Iterator[Frame]]


HEADS = {
    "sentiment": Head(
        one_answer.forward,
        one_answer.backward,
        one_answer.again,
        one_answer.sizes,
        one_answer.pulses,
        one_answer.places,
        one_answer.lines,
        frozenset(),
        readout.readout,
        meeting.meeting,
        meeting.roads,
        lambda shape, sheet: "",
        output_scenes.output,
        output_scenes.loss,
        outback_scenes.outback,
        lambda shape, sheet, lane, t: [],
        output_scenes.second,
    ),
    "next_word": Head(
        reading.forward,
        reading.backward,
        reading.again,
        reading.sizes,
        lambda run: {},
        reading.places,
        telling.lines,
        frozenset(("own", "beyond")),
        end.end,
        end.end,
        lambda shape, sheet: "",
        foot.feet,
        scenes.output,
        scenes.loss,
        backward.outback,
        backward.meet,
        scenes.second,
    ),
}
