"""Errors, files, documents with line numbers, console: no domain knowledge."""
