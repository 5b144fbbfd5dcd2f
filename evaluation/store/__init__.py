"""The DuckDB store: tables, what fills them, and queries in a sandbox."""
