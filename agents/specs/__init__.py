"""What a panel file says: models, agents and ensembles, as frozen records."""
