"""Diversity: correlation of errors, bounds on what teams can gain, and mixed families."""
