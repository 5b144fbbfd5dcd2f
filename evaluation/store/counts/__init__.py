"""Counts of a study: outcomes of answers, replies and how they were read, calls and costs."""
