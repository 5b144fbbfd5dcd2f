"""How many cases and trials it takes to see a difference, by simulated studies."""
