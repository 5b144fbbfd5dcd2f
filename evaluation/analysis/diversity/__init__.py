"""How alike the members' errors are, and what that allows."""
