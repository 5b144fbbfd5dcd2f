"""Judges: models that say which options a plan includes."""
