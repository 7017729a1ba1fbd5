"""A run as a program that reproduces it: what it reads and its weights written out, then the mathematics."""
