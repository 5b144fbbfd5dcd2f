"""The tables of the store: each declared once, with the rows that fill it."""
