"""Parsers of replies: graded menus, plans and critiques in free text."""
