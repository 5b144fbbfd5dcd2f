"""Ready-made panels: models and the ensembles they form, in YAML."""
