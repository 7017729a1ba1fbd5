"""Experiments: the question as one validated object, its URL form, and its answer."""
