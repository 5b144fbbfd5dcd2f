"""Who answers: the model seam, the call ledger, the roles, the simulated clinicians."""
