"""Air: hourly and daily indices of sites, days and years of regions, the good-day rate.

Belongs here: everything between air readings and the plan's air indicator. Does not belong here:
breakpoints, limits, rules and choices (data in `assets/standards/`), the environment index
(`assets.environment`).
"""

from assets.air.choices import CHOICE_REFERENCES
from assets.air.cities import CITY_DAY_MART
from assets.air.days import STATION_DAY_MART
from assets.air.hours import STATION_HOUR_MART
from assets.air.mismatches import AIR_MISMATCH_MART
from assets.air.reference import DOCUMENT_REFERENCES
from assets.air.stuck import STUCK_SENSOR_MART
from assets.air.year_pollutants import CITY_YEAR_POLLUTANT_MART
from assets.air.years import CITY_YEAR_MART, air_contribution

AIR_REFERENCES = (*DOCUMENT_REFERENCES, *CHOICE_REFERENCES)
AIR_MARTS = (
    STATION_HOUR_MART,
    STATION_DAY_MART,
    CITY_DAY_MART,
    CITY_YEAR_POLLUTANT_MART,
    CITY_YEAR_MART,
    AIR_MISMATCH_MART,
    STUCK_SENSOR_MART,
)

__all__ = ["AIR_MARTS", "AIR_REFERENCES", "air_contribution"]
