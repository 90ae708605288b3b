"""Surface water and drinking-water sources: classes of samples, months and years, compliance of sources.

Belongs here: everything between water samples, intakes and the plan's indicator. Does not belong here:
limits, rules and preferences (data in `assets/standards/`), verdicts on the city (`assets.status`).
"""

from assets.water.ccme import WATER_QUALITY_INDEX_MART
from assets.water.compliance import WATER_SECTION_COMPLIANCE_MART
from assets.water.fits import WATER_TYPE_FIT_MART
from assets.water.group_quality import WATER_GROUP_QUALITY_MART
from assets.water.group_standards import GROUP_REFERENCES
from assets.water.groups import WATER_GROUP_MEAN_MART, WATER_GROUP_MEMBER_MART
from assets.water.index_standards import INDEX_REFERENCES
from assets.water.means import WATER_ITEM_MONTH_MART
from assets.water.mismatches import WATER_CLASS_MISMATCH_MART
from assets.water.periods import WATER_STATION_MONTH_MART, WATER_STATION_YEAR_MART
from assets.water.samples import WATER_SAMPLE_CLASS_MART
from assets.water.source_rates import SOURCE_COMPLIANCE_MART, water_contribution
from assets.water.sources import SOURCE_MONTH_MART
from assets.water.standards import WATER_REFERENCES as CLASS_REFERENCES
from assets.water.statistics import WATER_ITEM_YEAR_MART
from assets.water.trophic import TROPHIC_STATE_MART

WATER_REFERENCES = (*CLASS_REFERENCES, *INDEX_REFERENCES, *GROUP_REFERENCES)

WATER_MARTS = (
    WATER_SAMPLE_CLASS_MART,
    WATER_TYPE_FIT_MART,
    WATER_CLASS_MISMATCH_MART,
    WATER_ITEM_MONTH_MART,
    WATER_STATION_MONTH_MART,
    WATER_STATION_YEAR_MART,
    WATER_GROUP_MEMBER_MART,
    WATER_GROUP_MEAN_MART,
    WATER_GROUP_QUALITY_MART,
    WATER_SECTION_COMPLIANCE_MART,
    WATER_ITEM_YEAR_MART,
    TROPHIC_STATE_MART,
    WATER_QUALITY_INDEX_MART,
    SOURCE_MONTH_MART,
    SOURCE_COMPLIANCE_MART,
)

__all__ = ["WATER_MARTS", "WATER_REFERENCES", "water_contribution"]
