"""Ready-made panels of judges: who reads free-text answers, in YAML."""
