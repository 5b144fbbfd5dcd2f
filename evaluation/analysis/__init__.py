"""Analyses of a study: contributions of agents, attribution of harms, diversity, and cautions."""
