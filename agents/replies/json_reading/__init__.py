"""Reads the JSON of replies, strictly or in any form whose meaning is unambiguous."""
