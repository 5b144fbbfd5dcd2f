"""Exports: the NOHARM kit, Every Eval Ever, Parquet and CSV."""
