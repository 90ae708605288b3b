"""The foreign water publications of the tests, one list for `also_reading`."""

from tests.sources.adapters.ccme_water import CCME_EXAMPLE
from tests.sources.adapters.uk_water import EA_ARCHIVE, EA_EXPLORER, EA_EXPORT
from tests.sources.adapters.us_water import NMED_CHEMISTRY, WQP_RESULTS

FOREIGN_WATER = (EA_ARCHIVE, EA_EXPLORER, EA_EXPORT, WQP_RESULTS, NMED_CHEMISTRY, CCME_EXAMPLE)
