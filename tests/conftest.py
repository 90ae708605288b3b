"""Shared fixtures: none that hide what a test does; only the import path of helpers."""
