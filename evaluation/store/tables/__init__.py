"""Declarations of the store's tables, each with the function that fills it."""
