"""The ledger: calls on record, the dispatcher, leases, limits and the budget."""
