"""Rows become indicators: one module per subject, pure Ibis functions above, thin Dagster glue below."""
