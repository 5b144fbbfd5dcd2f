"""Ablations: plans of designs in YAML, and the ensembles that the designs span."""
