"""The loss of a step that predicts, and the mean of them all."""

import math

from app.experiments.run import Run
from app.numerals import long
from app.stage.chains import chains_of
from app.stage.formulas import THIN, num, op, var
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Names,
    at,
    code,
    display,
    line,
    named,
    quoted,
    sub,
    summands,
)
from app.stage.inspection.part import Part
from app.stage.inspection.predictions import asked, share_of
from app.wording.catalogue import _


def step_loss(run: Run, part: Part) -> Inspection:
    """L_t, the surprise of one step."""
    t, losses = part.t, run.losses
    assert losses is not None
    found = (run.next_words or ())[t - 1]
    lines = []
    if found is not None:
        k = run.vocabulary.index(found)
        lines.append(line(f"{sub('ŷ', t)}, {named(found)}", float(run.forward.y_hat[t - 1, k]), f"y-{t}.{k}"))
    lines.append(line(sub("L", t), float(losses[t - 1]), strong=True))
    return Inspection(
        part.text,
        _("{L_t}, the loss of step {t}", L_t=sub("L", t), t=t),
        _(
            "How surprised the network is by what comes after {word}: −ln of its probability.",
            word=quoted(run, t),
        ),
        when=at(run, t),
        formulas=(
            display(
                *(var("L", t), op("="), op("−"), var("ln"), THIN, var("ŷ", t)),
                *(op("="), num(float(losses[t - 1]), "f")),
            ),
        )
        if found is not None
        else (),
        blocks=(Block(_("Forward"), "fw", tuple(lines)), _reaches(run, t)),
        names=Names(
            _("not in the notes"),
            sub("L", t),
            code("F.cross_entropy(logits, targets, reduction='none')") + code(f"[{t - 1}]"),
        ),
        notes=(asked(run, t),),
    )


def _reaches(run: Run, t: int) -> Block:
    """Which states this loss blames, and how much."""
    lines = []
    for chain in chains_of(run):
        row = run.credit[chain.lane.chain][t - 1]
        order = range(t, 0, -1) if not chain.lane.reverse else range(t, chain.lane.steps + 1)
        for k in list(order)[:8]:
            lines.append(
                line(
                    f"‖∂{sub('L', t)}/∂{chain.lane.said('h', k)}‖",
                    float(row[k - 1]),
                    chain.lane.name("norm", k),
                )
            )
    return Block(_("Which states it blames"), "bw", tuple(lines))


def mean_loss(run: Run, part: Part) -> Inspection:
    """L, the mean of the losses."""
    losses, count = run.losses, share_of(run)
    assert losses is not None
    asked = [t for t, word in enumerate(run.next_words or (), 1) if word is not None]
    terms = [(f"{'+ ' if n else ''}{sub('L', t)} / {count}", float(losses[t - 1]) / count, f"loss-{t}")
             for n, t in enumerate(asked)]  # fmt: skip
    after = run.update.loss
    again = () if after is None else (
        line(_("L after the update"), after, strong=True),
        line(_("the gradient had promised"), float(run.update.predicted_loss)),
        line(_("change"), after - run.loss),
    )  # fmt: skip
    return Inspection(
        part.text,
        _("L, the loss"),
        _("The mean of {count} surprises, one for each word that was to be predicted.", count=count),
        formulas=(display(var("L"), op("="), num(run.loss, "f")),),
        blocks=(
            Block(_("Forward"), "fw", (*summands(terms), line("L", run.loss, strong=True))),
            *((Block(_("After one update"), "wt", again),) if again else ()),
        ),
        names=Names(
            _("not in the notes"),
            "L",
            code("nn.CrossEntropyLoss()(logits, targets)"),
            code("sparse_categorical_crossentropy"),
        ),
        notes=(
            _(
                "A network that knew nothing would lose ln {count} a word: {run}.",
                count=len(run.vocabulary),
                run=long(_ignorance(run)),
            ),
        ),
    )


def _ignorance(run: Run) -> float:
    """The loss of one probability for all words."""
    return math.log(len(run.vocabulary))
