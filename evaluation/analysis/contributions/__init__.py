"""What each model, role and size contributes: Shapley values and effects."""
