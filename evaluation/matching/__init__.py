"""From an answer to verdicts on options: menus, judges, or a lexical matcher."""
