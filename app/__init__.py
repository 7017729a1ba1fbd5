"""Unrolled: backpropagation through time, shown with real numbers."""
