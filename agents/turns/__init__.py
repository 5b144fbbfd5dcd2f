"""Turns and answers: what was said, how agents are asked, and how drafts are shown to them."""
