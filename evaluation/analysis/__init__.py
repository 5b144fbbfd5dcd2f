"""Why: what each agent is worth, where harm comes from, what diversity gives, and how surely."""
