"""The derivation of a run with its numbers, as a LaTeX document."""
