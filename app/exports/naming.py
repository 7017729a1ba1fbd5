"""What a file that is taken along is called."""

from __future__ import annotations

import re

from app.experiments.run import Run

LONGEST = 40  # characters of the sentence in a name


def stem(run: Run) -> str:
    """The sentence in letters, digits and hyphens of ASCII; "run" where nothing of it is left."""
    plain = re.sub(r"[^a-z0-9]+", "-", " ".join(run.words).lower()[: 4 * LONGEST]).strip("-")
    return plain[:LONGEST].rstrip("-") or "run"
