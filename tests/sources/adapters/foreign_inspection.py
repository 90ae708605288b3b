"""The inspection publications of other countries, as one list for `also_reading`."""

from __future__ import annotations

from tests.sources.adapters.chicago import CHICAGO
from tests.sources.adapters.rasff import RASFF
from tests.sources.adapters.toronto_dinesafe import TORONTO_DINESAFE
from tests.sources.adapters.uk_fhrs import UK_FHRS

FOREIGN_INSPECTION = (UK_FHRS, TORONTO_DINESAFE, CHICAGO, RASFF)
