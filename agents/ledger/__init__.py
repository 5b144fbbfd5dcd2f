"""The ledger: recorded calls, the dispatcher, leases, limits and the budget."""
