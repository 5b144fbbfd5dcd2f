"""Agents: what they are, what they are asked and what they reply."""
