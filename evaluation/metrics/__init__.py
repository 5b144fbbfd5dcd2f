"""Metrics: one record for each, beside its formula; every list of metrics is derived from them."""
