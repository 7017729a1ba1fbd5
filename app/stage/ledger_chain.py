"""The chain rule of one step as a formula: from L through every later state to the weight of that step."""

from app.stage.chains import Chain
from app.stage.formulas import d, display, frac, hat_y, op, row, var
from app.stage.weights import Weight
from app.wording.catalogue import _, n_

LONGEST = 4  # Jacobians written out; a longer chain is elided in its middle
NEXT = "⋯"
LOSS = "<mi>L</mi>"


def by_weight(weight: Weight) -> str:
    """dL/dW."""
    return d(LOSS, weight.math)


def state(chain: Chain, t: int | str) -> str:
    """What is carried from step to step: h_t, or s_t = (h_t, c_t) of a cell that remembers."""
    return chain.lane.var("s" if chain.cell.remembers else "h", t)


def immediate(chain: Chain, t: int | str, weight: Weight) -> str:
    """The immediate partial of the state by the weight: the state before is held still."""
    return frac(f"<msup><mo>∂</mo><mo>+</mo></msup>{state(chain, t)}", f"<mo>∂</mo>{weight.math}")


def walked(chain: Chain, t: int) -> list[int]:
    """The steps whose Jacobians lie between the last state read and h_t, that of the last one first."""
    last = chain.lane.last
    return list(range(last, t)) if chain.lane.reverse else list(range(last, t, -1))


def factors(chain: Chain, t: int) -> list[str]:
    """dL/dy, dy/dh_T, dh_T/dh_{T-1}, ..., dh_{t+1}/dh_t in order, elided in the middle when they are many."""
    steps = walked(chain, t)
    shown = steps if len(steps) <= LONGEST else [*steps[:2], 0, steps[-1]]
    jacobians = [d(state(chain, k), state(chain, chain.lane.before(k))) if k else op(NEXT) for k in shown]
    return [d(LOSS, hat_y()), d(hat_y(), state(chain, chain.lane.last)), *jacobians]


def pieces(chain: Chain, weight: Weight, t: int) -> list[str]:
    """The product whose value is step t's contribution to dL/dW, sign by sign."""
    part = f"<msub>{row(op('('), by_weight(weight), op(')'))}<mn>{t}</mn></msub>"
    found = [part]
    terms = [*_arriving(chain, t), immediate(chain, t, weight)] if chain.per_step else [
        *factors(chain, t), immediate(chain, t, weight)]  # fmt: skip
    for sign, term in zip(["=", *"·" * LONGEST * 2], terms, strict=False):
        found += [op(sign), term]
    return found


def _arriving(chain: Chain, t: int) -> list[str]:
    """Where every step predicts: what its own loss says of the state, and what the steps after it do."""
    here, own = state(chain, t), d(f"<msub>{LOSS}<mn>{t}</mn></msub>", state(chain, t))
    if t == chain.lane.last:
        return [own]
    later = state(chain, chain.after(t))
    return [row(op("("), own, op("+"), d(LOSS, later), op("·"), d(later, here), op(")"))]


def chain_line(chain: Chain, weight: Weight, t: int) -> str:
    """The same in one line."""
    return f"<math>{row(*pieces(chain, weight, t))}</math>"


def general(chain: Chain, weight: Weight) -> str:
    """The one line all steps are cases of: dL/dW = sum over j of the chain down to h_j."""
    steps = chain.lane.steps
    over = f"<munderover>{op('∑')}{row('<mi>j</mi>', op('='), '<mn>1</mn>')}<mn>{steps}</mn></munderover>"
    inside = op("·").join([_down_to_j(chain), immediate(chain, "j", weight)])
    return f'<math display="block">{row(by_weight(weight), op("="), over, inside)}</math>'


def _down_to_j(chain: Chain) -> str:
    """The factors between the loss and h_j."""
    if not chain.per_step:
        start = [d(LOSS, hat_y()), d(hat_y(), state(chain, chain.lane.last))]
        return op("·").join([*start, _product(chain, str(chain.lane.steps))])
    losses = row("<mi>τ</mi>", op("≤" if chain.lane.reverse else "≥"), "<mi>j</mi>")
    own = d(var("L", "τ"), state(chain, "τ"))
    return row(op("("), f"<munder>{op('∑')}{losses}</munder>", own, op("·"), _product(chain, "τ"), op(")"))


def _product(chain: Chain, last: str) -> str:
    """The Jacobians from the last step down to j."""
    j, one = "<mi>j</mi>", "<mn>1</mn>"
    first = f"<mn>{last}</mn>" if last.isdigit() else f"<mi>{last}</mi>"
    if chain.lane.reverse:
        low, high, before = (
            row("<mi>k</mi>", op("="), one if last.isdigit() else first),
            row(j, op("−"), one),
            "k+1",
        )
    else:
        low, high, before = row("<mi>k</mi>", op("="), j, op("+"), one), first, "k−1"
    return f"<munderover>{op('∏')}{low}{high}</munderover>{d(state(chain, 'k'), state(chain, before))}"


def at_the_end(weight: Weight) -> str:
    """dL/dW_hy = dL/dy dy/dW_hy: no state in between."""
    return display(by_weight(weight), op("="), d(LOSS, hat_y()), op("·"), d(hat_y(), weight.math))


def at_every_end(weight: Weight, steps: int) -> str:
    """The same where every step predicts: a sum over the predictions."""
    over = f"<munderover>{op('∑')}{row('<mi>t</mi>', op('='), '<mn>1</mn>')}<mn>{steps}</mn></munderover>"
    z = var("z", "t")
    return display(by_weight(weight), op("="), over, d(LOSS, z), op("·"), d(z, weight.math))


def jacobians(count: int) -> str:
    """How many Jacobians a chain crosses, in words."""
    return n_("{count} Jacobian", "{count} Jacobians", count) if count else _("no Jacobian")


def crossed(chain: Chain, t: int) -> str:
    """The same of a step; where every step predicts, how many losses reach it."""
    steps = walked(chain, t)
    if not chain.per_step:
        return jacobians(len(steps))
    words = chain.run.next_words or ()
    heard = sum(words[k - 1] is not None for k in (*steps, t))
    losses = n_("{count} loss", "{count} losses", heard) if heard else _("no loss")
    return (
        _("{losses}, across up to {count}", losses=losses, count=jacobians(len(steps))) if steps else losses
    )
