"""The roles: what each one reads, is asked and returns."""
