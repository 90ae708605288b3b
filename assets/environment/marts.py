"""What emissions, environment returns and the composite index add to the catalog: their marts and reference tables.

Belongs here: the lists. Does not belong here: any declaration or calculation.
"""

from __future__ import annotations

from assets.environment.emissions import EMISSION_REDUCTION_MART
from assets.environment.index import ENVIRONMENT_INDEX_MART
from assets.environment.return_standards import RETURN_REFERENCES
from assets.environment.returns import ENVIRONMENT_RETURN_MART
from assets.environment.standards import ENVIRONMENT_REFERENCES
from warehouse.marts import Mart, ReferenceTable

MARTS: tuple[Mart, ...] = (EMISSION_REDUCTION_MART, ENVIRONMENT_RETURN_MART, ENVIRONMENT_INDEX_MART)

REFERENCES: tuple[ReferenceTable, ...] = (*ENVIRONMENT_REFERENCES, *RETURN_REFERENCES)
