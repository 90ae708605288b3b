"""Food alerts of the European Union (RASFF): failures only, so that no rate may come of them."""

from __future__ import annotations

from sources.adapter import Adapter

RASFF = Adapter(
    series="rasff_alerts",
    feed="spot_checks",
    zh="欧盟食品预警",
    en="food alerts of the European Union",
    publisher="European Commission",
    terms="none stated in the repository that holds the file",
    address="https://webgate.ec.europa.eu/rasff-window/",
    required=("sample_id", "product_name", "item_name", "published_on", "publisher"),
    columns={
        "sample_id": ("Reference",),
        "product_name": ("Product",),
        "category": ("Product Category",),
        "item_name": ("Hazard Substance",),
        "item_class": ("Hazard Category",),
        "publisher": ("Notification From",),
        "published_on": ("Date of Case",),
        "remark": ("Country Origin",),
    },
    constants={"programme": "unstated", "verdict": "fail"},
    missing=frozenset({""}),
    stage="validated",
    sampling_frame=False,
)
