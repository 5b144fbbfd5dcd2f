"""Matching of answers to options: verdicts by judges or by a lexical matcher."""
