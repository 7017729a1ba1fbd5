"""A run as a sheet of exercises: what is given, what is asked, and the answers."""
