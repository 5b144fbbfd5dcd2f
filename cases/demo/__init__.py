"""The embedded suite: synthetic cases, not validated by clinicians."""
