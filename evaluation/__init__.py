"""How much harm: matching, harm, metrics, statistics, store, report."""
