"""Food inspections of Chicago, as exported from R.

`Pass w/ Conditions` is a verdict of its own: the city counts it as passed, the file's `pass_flag` does not.
"""

from __future__ import annotations

from sources.adapter import Adapter

CHICAGO = Adapter(
    series="chicago_food_inspections",
    feed="spot_checks",
    zh="芝加哥食品检查",
    en="food inspections of Chicago",
    publisher="City of Chicago",
    terms="MIT-style licence",
    address="https://github.com/Chicago/food-inspections-evaluation",
    required=("sample_id", "published_on", "verdict", "category", "pass_flag", "criticalCount"),
    columns={
        "sample_id": ("inspection_id",),
        "producer_name": ("doing_business_as_name",),
        "product_name": ("license_description",),
        "producer_address": ("address",),
        "category": ("facility_type",),
        "subcategory": ("risk",),
        "published_on": ("inspection_date",),
        "verdict": ("results",),
    },
    recode={"verdict": {"Pass": "pass", "Pass w/ Conditions": "conditional", "Fail": "fail"}},
    constants={"programme": "unstated", "region_code": "US-CHICAGO"},
    missing=frozenset({"", "NA"}),
    stage="validated",
    sampling_frame=True,
)
