"""What energy adds to the catalog: its marts and the reference tables that they read.

Belongs here: the lists. Does not belong here: any declaration or calculation.
"""

from __future__ import annotations

from assets.energy.choices import CHOICE_REFERENCES
from assets.energy.consumers import ENERGY_BY_CONSUMER_MART, KEY_ENERGY_USER_MART
from assets.energy.findings import ECONOMY_FINDING_MART
from assets.energy.fuels import ENERGY_BY_FUEL_MART
from assets.energy.intensity import ENERGY_PER_10K_GDP_MART
from assets.energy.standards import ENERGY_REFERENCES
from warehouse.marts import Mart, ReferenceTable

MARTS: tuple[Mart, ...] = (
    ENERGY_BY_FUEL_MART,
    ENERGY_BY_CONSUMER_MART,
    KEY_ENERGY_USER_MART,
    ENERGY_PER_10K_GDP_MART,
    ECONOMY_FINDING_MART,
)

REFERENCES: tuple[ReferenceTable, ...] = (*ENERGY_REFERENCES, *CHOICE_REFERENCES)
