"""The lexical matcher: plans matched to options by their words."""
