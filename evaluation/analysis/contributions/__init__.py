"""Contributions of models, roles and team size: Shapley values and paired effects."""
