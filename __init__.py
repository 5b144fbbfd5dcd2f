"""Primum: teams of language models on clinical cases, and how much harm their advice could do."""
