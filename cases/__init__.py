"""What is asked, and what specialists said about it."""
