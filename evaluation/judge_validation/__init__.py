"""Validation of judges: agreement with reference verdicts and between judges."""
