"""The graphs by which agents are joined, one a file: its fields, seats, wiring and ablation."""
