"""Readers of replies: graded menus and plans in free text."""
