"""Simulated clinicians: seeded error rates, correlated within a family."""
