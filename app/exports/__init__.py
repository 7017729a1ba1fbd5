"""A run to take along: tables of its numbers, programs that reproduce it, a derivation and a worksheet."""
