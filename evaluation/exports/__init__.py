"""Files for others: the NOHARM kit, Every Eval Ever, Parquet and CSV."""
