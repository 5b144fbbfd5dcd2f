"""Power analysis: the cases and trials that detect a difference, from simulated studies."""
