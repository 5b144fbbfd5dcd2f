"""Verdicts, harms and metrics of answers."""
