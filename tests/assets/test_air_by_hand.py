"""The marts' city years equal those of one query written by hand (the speed of both: `make bench`)."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.air_years import measure


def test_city_years_equal_those_of_a_query_by_hand() -> None:
    """Two cities of ten stations, a year of hours with gaps: days, rates, means, percentiles, composite index."""
    found = measure(stations=20, times=1, compiled_in=Path(os.environ["QUALITY_CITY_COMPILED"]))
    assert (found["city_years"], found["equal"]) == (4, 4)
