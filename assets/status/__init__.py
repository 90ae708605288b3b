"""Verdicts: what a year's value means against what the plan asks, always with the reason in words."""
