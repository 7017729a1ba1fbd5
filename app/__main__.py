"""The command: python -m app --host --port --open-browser --root-path --log-level."""

from __future__ import annotations

import os

# Small arrays stall on OpenBLAS's second thread. It reads this once, when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.serving.command import main

if __name__ == "__main__":
    raise SystemExit(main())
