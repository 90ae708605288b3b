"""Readings made by hand, so that merging can be tested without any file."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from sources.feeds import FEEDS
from sources.outcome import REFUSED_SCHEMA, SET_ASIDE_SCHEMA, SourceFile, WholeReading, counted

NOON = datetime(2020, 1, 1, 12)


def account(region: str, period: str, value: str | int, **more: Any) -> dict[str, Any]:
    """A record of the simplest feed, economic_accounts."""
    return {
        "series": "test",
        "region_code": region,
        "period": period,
        "account": "gdp_current",
        "value": Decimal(value),
        "unit": "10^8 yuan",
        "price_base": "current",
        "remark": None,
        **more,
    }


def reading(
    name: str,
    records: list[dict[str, Any]],
    *,
    feed: str = "economic_accounts",
    published_at: datetime = NOON,
    stage: str = "provisional",
    origin: str = "real",
    published_at_from: str = "content",
    refused: list[tuple[int, str]] = (),  # type: ignore[assignment]
    set_aside: list[tuple[int, str]] = (),  # type: ignore[assignment]
) -> WholeReading:
    """A `WholeReading` of the given records, on rows 2, 3, …; `refused` and `set_aside` are (row, why)."""
    declared = FEEDS[feed]
    content = f"{name}|{records}|{published_at}|{stage}|{origin}"
    file = SourceFile(
        path=Path(name),
        feed=feed,
        name=name,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        size=len(content),
        modified_at=published_at,
    )
    schema = {column.name: column.polars_type for column in declared.columns}
    rows = pl.DataFrame(records, schema=schema, orient="row")
    rows = rows.with_columns(
        pl.lit("").alias("source_sheet"),
        pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("source_row"),
        pl.lit(1, dtype=pl.Int64).alias("record_no"),
    )
    sheet = pl.DataFrame(
        {"source_row": pl.Series(range(1, len(records) + len(refused) + len(set_aside) + 2), dtype=pl.Int64)}
    ).with_columns(pl.format("cell of row {}", "source_row").alias("c0"))
    aside = pl.DataFrame([("", row, why) for row, why in set_aside], schema=SET_ASIDE_SCHEMA, orient="row")
    return WholeReading(
        file=file,
        adapter="by_hand",
        series="test",
        stage=stage,
        published_at=published_at,
        published_at_from=published_at_from,
        origin=origin,
        records=rows,
        refused=pl.DataFrame(
            [("", row, 1, "type:value", why, f'{{"row": {row}}}') for row, why in refused],
            schema=REFUSED_SCHEMA,
            orient="row",
        ),
        set_aside=aside,
        sheets={"": sheet},
        rows_read=len(records) + len(refused) + len(set_aside),
        aside=counted(aside),
        notes=(),
    )
