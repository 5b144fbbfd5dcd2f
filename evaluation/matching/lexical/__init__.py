"""Plans matched to options by their words: no judge, and its errors are measured."""
