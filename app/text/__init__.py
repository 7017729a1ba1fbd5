"""Words: cut out of text, given places in a vocabulary, turned into one-hot codes; and the corpora."""
