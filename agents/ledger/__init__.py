"""Every call once: the record of calls, the dispatcher, leases, limits and budget."""
