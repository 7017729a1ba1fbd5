"""Where every step predicts the next word: its logits, its probabilities, its loss and their gradients."""

from app.experiments.run import Run
from app.stage.chains import chains_of
from app.stage.formulas import d, num, op, times, var
from app.stage.inspection import nudging
from app.stage.inspection.contents import (
    Block,
    Inspection,
    Line,
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
from app.stage.ledger_cells import cells
from app.stage.numbers import FORWARD_SCALE, GRADIENT_SCALE
from app.wording.catalogue import N_, _

SHOWN = 16
TITLES = {"z_t": "z", "y_t": "ŷ", "dz_t": "∂L/∂z", "dy_t": "∂L/∂ŷ"}
SAYS = {
    "z_t": N_("the logit: all that the state has to say for this word as the next one"),
    "y_t": N_("the probability that this word comes next: the softmax of all logits"),
    "dz_t": N_("what the logit is blamed for: the probability, less 1 where the word is the one that comes"),
    "dy_t": N_("the slope of the loss at this probability; only the word that comes counts"),
}


def prediction(run: Run, part: Part) -> Inspection:
    """z_t, ŷ_t, dL/dz_t or dL/dŷ_t of one word of the vocabulary, or of all when none is named."""
    t, k, kind = part.t, part.column, part.kind
    symbol = sub(TITLES[kind], t)
    if k < 0:
        return _all(run, part, symbol)
    word = named(run.vocabulary[k])
    return Inspection(
        part.text,
        f"{symbol}, {word}",
        _("After {word}, {says}.", word=quoted(run, t), says=_(SAYS[kind])),
        when=at(run, t),
        formulas=_formulas(run, kind, t, k),
        blocks=(_forward(run, t, k), _backward(run, t, k)),
        proof=_proof(run, kind, t, k),
        names=_names(run, kind, t, k),
        notes=(asked(run, t),),
    )


def _arrays(run: Run, kind: str):  # type: ignore[no-untyped-def]
    forward, back = run.forward, run.backward
    return {"z_t": forward.logit, "y_t": forward.y_hat, "dz_t": back.d_logit, "dy_t": back.d_y_hat}[kind]


def _all(run: Run, part: Part, symbol: str) -> Inspection:
    values = _arrays(run, part.kind)[part.t - 1]
    shown = values[:SHOWN]
    scale = FORWARD_SCALE if part.kind in ("z_t", "y_t") else GRADIENT_SCALE
    grid = cells([f"{part.text}.{k}" for k in range(len(shown))], shown, min(4, len(shown)), part.text, scale)
    rest = len(values) - len(shown)
    return Inspection(
        part.text,
        _("{symbol} after {word}", symbol=symbol, word=quoted(run, part.t)),
        _("An entry for each word of the vocabulary: {says}.", says=_(SAYS[part.kind])),
        when=at(run, part.t),
        blocks=(Block(_("{count} words", count=len(values)), "", (), grid),),
        notes=(
            asked(run, part.t),
            *((_("{rest} words more are in the JSON answer.", rest=rest),) if rest > 0 else ()),
        ),
    )


def asked(run: Run, t: int) -> str:
    found = (run.next_words or ())[t - 1]
    if found is None:
        return _("After the last word nothing is asked, so this step has no loss.")
    return _("The word that comes is {word}.", word=named(found))


def share_of(run: Run) -> int:
    """How many losses the mean is over."""
    return sum(word is not None for word in run.next_words or ())


def _forward(run: Run, t: int, k: int) -> Block:
    weights, bias = run.parameters["readout"]["W_hy"][:, k], run.parameters["readout"].get("b_y")
    terms: list[tuple[str, float, str]] = []
    for chain in chains_of(run):
        for i in range(chain.hidden):
            row = chain.reads_out.start + i
            terms.append((
                f"{'+ ' if terms else ''}{chain.lane.said('h', f'{t},{i + 1}')} · W<sub>hy</sub>[{row + 1}, "
                f"{k + 1}]",
                float(run.forward.readout_input[t - 1, row] * weights[row]), f"W_hy-{row}.{k}"))  # fmt: skip
    lines = list(summands(terms))
    if bias is not None:
        lines.append(line("+ b<sub>y</sub>", float(bias[k]), f"b_y-0.{k}"))
    lines.append(line(sub("z", t), float(run.forward.logit[t - 1, k]), f"z-{t}.{k}", strong=True))
    probability = line(
        f"{sub('ŷ', t)} = softmax", float(run.forward.y_hat[t - 1, k]), f"y-{t}.{k}", strong=True
    )
    return Block(_("Forward"), "fw", (*lines, probability))


def _is_next(run: Run, t: int, k: int) -> bool:
    return (run.next_words or ())[t - 1] == run.vocabulary[k]


def _backward(run: Run, t: int, k: int) -> Block:
    y = 1.0 if _is_next(run, t, k) else 0.0
    asked = (run.next_words or ())[t - 1] is not None
    lines: list[Line] = []
    if asked:
        lines = [
            line(sub("ŷ", t), float(run.forward.y_hat[t - 1, k]), f"y-{t}.{k}"),
            line(_("− 1 where the word comes") if y else _("− 0: another word comes"), -y),
            line(_("× 1 / number of losses"), 1.0 / share_of(run)),
        ]
    value = float(run.backward.d_logit[t - 1, k])
    lines.append(line(f"= ∂L/∂{sub('z', t)}", value, f"dz-{t}.{k}", strong=True))
    return Block(_("Backward"), "bw", tuple(lines))


def _formulas(run: Run, kind: str, t: int, k: int) -> tuple[str, ...]:
    index = f"{t},{k + 1}"
    value = float(_arrays(run, kind)[t - 1, k])
    z, y = var("z", index), var("ŷ", index)
    if kind == "y_t":
        power = f"<msup>{var('e')}{z}</msup>"
        below = f"<munder>{op('∑')}<mi>j</mi></munder><msup>{var('e')}{var('z', f'{t},j')}</msup>"
        fraction = f"<mfrac><mrow>{power}</mrow><mrow>{below}</mrow></mfrac>"
        return (display(y, op("="), fraction, op("="), num(value, "f")),)
    if kind == "dz_t" and (run.next_words or ())[t - 1] is not None:
        probability = num(float(run.forward.y_hat[t - 1, k]))
        one = "1" if _is_next(run, t, k) else "0"
        inside = (op("("), probability, op("−"), f"<mn>{one}</mn>", op(")"))
        return (
            display(
                d("<mi>L</mi>", z),
                op("="),
                *inside,
                op("·"),
                times(1.0 / share_of(run)),
                op("="),
                num(value, "b"),
            ),
        )
    return ()


def _proof(run: Run, kind: str, t: int, k: int):  # type: ignore[no-untyped-def]
    if kind in ("y_t", "dy_t"):
        numeric = nudging.of_probability(run, t, k)
        value = float(run.backward.d_y_hat[t - 1, k])
        if numeric is None:
            return None
        return nudging.proof(
            f"∂L/∂{sub('ŷ', t)}", value, numeric, _("this probability moved up and down, alone")
        )
    value = float(run.backward.d_logit[t - 1, k])
    return nudging.proof(
        f"∂L/∂{sub('z', t)}", value, nudging.of_logit(run, t, k), _("this logit moved up and down")
    )


def _names(run: Run, kind: str, t: int, k: int) -> Names:
    torch = {
        "z_t": code(f"logits[{t - 1}, {k}]"),
        "y_t": code(f"torch.softmax(logits, -1)[{t - 1}, {k}]"),
        "dz_t": code(f"logits.grad[{t - 1}, {k}]") + _(", after") + " " + code("retain_grad()"),
        "dy_t": _("not kept"),
    }[kind]
    return Names(_("not in the notes: they predict once"), f"{sub(TITLES[kind], t)}[{k + 1}]", torch)


def second(run: Run, part: Part) -> Inspection:
    """ŷ_t of one word, or of all, after the update."""
    again, t, k = run.update.forward, part.t, part.column
    assert again is not None
    if k < 0:
        values = again.y_hat[t - 1]
        grid = cells(
            [f"{part.text}.{n}" for n in range(min(SHOWN, len(values)))], values[:SHOWN], 4, part.text
        )
        said = _("{y_hat_t}, read again", y_hat_t=sub("ŷ", t)), _("The same words through the new weights.")
        return Inspection(part.text, *said, when=at(run, t), blocks=(Block(_("Forward"), "fw", (), grid),))
    was, now = float(run.forward.y_hat[t - 1, k]), float(again.y_hat[t - 1, k])
    lines = (
        line(_("first reading"), was, f"y-{t}.{k}"),
        line(_("second reading"), now, strong=True),
        line(_("change"), now - was),
    )
    return Inspection(
        part.text,
        _("{y_hat_t}, {word}, read again", y_hat_t=sub("ŷ", t), word=named(run.vocabulary[k])),
        _("The same words through the new weights."),
        when=at(run, t),
        blocks=(Block(_("Forward, twice"), "fw", lines),),
        names=_names(run, "y_t", t, k),
        notes=(asked(run, t),),
    )
