"""What an ablation asks: designs, the ensembles that they span, a plan of them in YAML."""
