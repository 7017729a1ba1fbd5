"""What a client accepts: Accept and Accept-Encoding with their q-values (RFC 9110, 12.5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=256)
def weights(header: str) -> dict[str, float]:
    """Each named choice with its weight: "gzip, br;q=0.5" gives {"gzip": 1.0, "br": 0.5}."""
    found: dict[str, float] = {}
    for item in header[:1024].split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if name:
            found[name] = _weight(parameters)
    return found


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


@lru_cache(maxsize=256)
def choose_encoding(header: str, offered: tuple[str, ...]) -> str | None:
    """The heaviest of the offered encodings, the earlier one on a tie; None where none is accepted."""
    if not header:
        return None
    asked = weights(header)
    other = asked.get("*", 0.0)
    best = max(offered, key=lambda name: asked.get(name, other), default=None)
    return best if best is not None and asked.get(best, other) > 0 else None


def prefers_html(header: str) -> bool:
    """Whether a page is at least as welcome as JSON; `*/*` alone, as scripts send it, asks for JSON."""
    asked = weights(header)
    html = max(asked.get("text/html", 0.0), asked.get("application/xhtml+xml", 0.0))
    json = max(asked.get("application/json", 0.0), asked.get("application/problem+json", 0.0))
    return html > 0 and html >= json
