"""`primum probe`: every model of a panel asked one case in each of its roles; nothing is kept."""
