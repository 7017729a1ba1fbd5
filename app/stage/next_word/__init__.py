"""A word predicted at every step: the readout under each column, its loss, and the blame that it adds."""
