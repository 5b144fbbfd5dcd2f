"""Protocols: how items are asked, how replies are read, counted and turned into verdicts."""
