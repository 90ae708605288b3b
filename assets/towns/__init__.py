"""Towns and subdistricts: what each contributes to the city's number, its verdicts and its place by a town plan."""

from assets.towns.contribution import TOWN_CONTRIBUTION_MART
from assets.towns.verdicts import TOWN_STATUS_MART

TOWN_MARTS = (TOWN_CONTRIBUTION_MART, TOWN_STATUS_MART)

__all__ = ["TOWN_MARTS"]
