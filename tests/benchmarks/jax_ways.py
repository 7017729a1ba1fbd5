"""JAX's way, compiled, where JAX is installed; compiling is not timed."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from app.engine import OuterSum, Parameters

Job = Callable[[], Any]
VERSION = ""
if find_spec("jax") is not None:
    import jax

    jax.config.update("jax_enable_x64", True)
    VERSION = jax.__version__


def totals(
    cell: str, parameters: Parameters, ids: list[int], found: Mapping[str, OuterSum]
) -> dict[str, Job]:
    """Total gradients by jit(grad(scan)); nothing where JAX is missing."""
    if not VERSION:
        return {}
    np_ = jax.numpy
    words = np_.array(ids)

    def elman(p: Any, a: Any, carry: Any) -> Any:
        return np_.tanh(a + carry[0] @ p["W_hh"]), carry[1]

    def lstm(p: Any, a: Any, carry: Any) -> Any:
        i, f, g, o = np_.split(a + carry[0] @ p["W_hh"], 4)
        c = jax.nn.sigmoid(f) * carry[1] + jax.nn.sigmoid(i) * np_.tanh(g)
        return jax.nn.sigmoid(o) * np_.tanh(c), c

    def gru(p: Any, a: Any, carry: Any) -> Any:
        (u_r, u_z, u_n), (a_r, a_z, a_n) = np_.split(carry[0] @ p["W_hh"], 3), np_.split(a, 3)
        r, z = jax.nn.sigmoid(a_r + u_r), jax.nn.sigmoid(a_z + u_z)
        n = np_.tanh(a_n + r * (u_n + p["b_hn"]))
        return n + z * (carry[0] - n), carry[1]

    step = {"elman": elman, "lstm": lstm, "gru": gru}[cell]

    def loss(groups: Any) -> Any:
        chain, readout = groups["left_to_right"], groups["readout"]
        start = np_.zeros(len(chain["W_hh"]))
        rows = chain["W_xh"][words] + chain["b_h"]
        (h, _), _ = jax.lax.scan(lambda carry, a: (step(chain, a, carry), None), (start, start), rows)
        return jax.nn.softplus(-(h @ readout["W_hy"] + readout["b_y"]))[0]

    gradient = jax.jit(jax.grad(loss))
    given = jax.tree.map(np_.array, parameters)
    for name, value in gradient(given)["left_to_right"].items():
        np.testing.assert_allclose(found[name].total, value, rtol=1e-7, atol=1e-11)
    return {"jax": lambda: jax.block_until_ready(gradient(given))}
