"""How far judges agree with labels and with one another."""
