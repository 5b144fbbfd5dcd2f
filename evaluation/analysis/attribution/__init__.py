"""Attribution of harms: how each harm passed through the turns of an ensemble."""
