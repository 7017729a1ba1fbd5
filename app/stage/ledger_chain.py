"""The chain rule of one step as a formula: from L through every later state to the weight of that step."""

from app.stage.formulas import d, display, frac, hat_y, op, row, var

LONGEST = 4  # Jacobians written out; a longer chain is elided in its middle
NEXT = "⋯"


def symbol(name: str) -> str:
    """W_hh as MathML."""
    letter, _, index = name.partition("_")
    return var(letter, index)


def by_weight(name: str) -> str:
    """dL/dW."""
    return d("<mi>L</mi>", symbol(name))


def immediate(step: str | int, name: str) -> str:
    """The immediate partial of h_t by the weight: h_{t-1} held still."""
    return frac(f"<msup><mo>∂</mo><mo>+</mo></msup>{var('h', step)}", f"<mo>∂</mo>{symbol(name)}")


def factors(steps: int, t: int) -> list[str]:
    """dL/dy, dy/dh_T, dh_T/dh_{T-1}, ..., dh_{t+1}/dh_t in order, elided in the middle when they are many."""
    walked = list(range(steps, t, -1))
    shown = walked if len(walked) <= LONGEST else [*walked[:2], 0, walked[-1]]
    jacobians = [d(var("h", k), var("h", k - 1)) if k else op(NEXT) for k in shown]
    return [d("<mi>L</mi>", hat_y()), d(hat_y(), var("h", steps)), *jacobians]


def pieces(name: str, steps: int, t: int) -> list[str]:
    """The product whose value is step t's contribution to dL/dW, sign by sign."""
    part = f"<msub>{row(op('('), by_weight(name), op(')'))}<mn>{t}</mn></msub>"
    found = [part]
    for sign, term in zip(["=", *"·" * LONGEST * 2], [*factors(steps, t), immediate(t, name)], strict=False):
        found += [op(sign), term]
    return found


def chain(name: str, steps: int, t: int) -> str:
    """The same in one line."""
    return f"<math>{row(*pieces(name, steps, t))}</math>"


def general(name: str, steps: int) -> str:
    """The one line all steps are cases of: dL/dW = sum over j of the chain down to h_j."""
    over = f"<munderover>{op('∑')}{row('<mi>j</mi>', op('='), '<mn>1</mn>')}<mn>{steps}</mn></munderover>"
    product = (
        f"<munderover>{op('∏')}{row('<mi>k</mi>', op('='), '<mi>j</mi>', op('+'), '<mn>1</mn>')}"
        f"<mn>{steps}</mn></munderover>"
    )
    step = d(var("h", "k"), var("h", "k−1"))
    inside = op("·").join(
        [d("<mi>L</mi>", hat_y()), d(hat_y(), var("h", steps)), product + step, immediate("j", name)]
    )
    return f'<math display="block">{row(by_weight(name), op("="), over, inside)}</math>'


def at_the_end(name: str) -> str:
    """dL/dW_hy = dL/dy dy/dW_hy: no state in between."""
    return display(by_weight(name), op("="), d("<mi>L</mi>", hat_y()), op("·"), d(hat_y(), symbol(name)))


def jacobians(count: int) -> str:
    """How many Jacobians a chain crosses, in words."""
    return {0: "no Jacobian", 1: "1 Jacobian"}.get(count, f"{count} Jacobians")
