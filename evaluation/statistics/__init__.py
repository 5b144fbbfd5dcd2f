"""Bootstrap intervals, paired differences and corrections for multiple testing."""
