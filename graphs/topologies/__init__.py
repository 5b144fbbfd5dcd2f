"""One graph a file: solo, vote, panel, layers, relay, debate."""
