"""Pass rates: published counts and single batches pooled, with intervals, and the plan's indicators of them.

Belongs here: everything between spot checks, pass-rate returns and the plan's indicators. Does not belong
here: which publications may feed a rate (`assets/standards/series_frames.yaml`), which rates an indicator
means (`assets/plans/pass-rate-indicators.yaml`), verdicts (`assets.status`).
"""

from assets.pass_rates.contribution import pass_rate_contribution
from assets.pass_rates.margins import PASS_RATE_MARGIN_MART, margin_contribution
from assets.pass_rates.rates import PASS_RATE_MART
from assets.pass_rates.reconciliation import RECONCILIATION_MART
from assets.pass_rates.standards import PASS_RATE_REFERENCES

PASS_RATE_MARTS = (PASS_RATE_MART, PASS_RATE_MARGIN_MART, RECONCILIATION_MART)

__all__ = ["PASS_RATE_MARTS", "PASS_RATE_REFERENCES", "margin_contribution", "pass_rate_contribution"]
