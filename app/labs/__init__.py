"""Hands on: what a run would have been, had one thing been different. Pure functions of a run."""
