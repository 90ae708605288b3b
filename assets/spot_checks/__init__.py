"""Spot checks: single sampled batches counted, their failing items, and the tree of product categories.

Belongs here: everything that is computed from single batches. Does not belong here: pooling counts for an
indicator (`assets.pass_rates`), which publications may feed a rate (`assets/standards/series_frames.yaml`).
"""

from assets.spot_checks.failed_items import FAILED_ITEM_MART
from assets.spot_checks.standards import SPOT_CHECK_REFERENCES

SPOT_CHECK_MARTS = (FAILED_ITEM_MART,)

__all__ = ["SPOT_CHECK_MARTS", "SPOT_CHECK_REFERENCES"]
