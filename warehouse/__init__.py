"""The DuckDB files: schema, staging, merge, ledger, dirty keys, publication. The only folder with DDL."""
