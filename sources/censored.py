"""Censored results in a frame: `<0.01`, `0.01L`, `>2419.6`, `未检出`, or the limit in a column of its own.

Belongs here: moving them from `value` to qualifier and limit. Does not belong here: how a printed
result is taken apart (`sources.quantities`); substitution, which happens in marts only.
"""

from __future__ import annotations

import polars as pl

from sources.quantities import quantities


def split_censored(frame: pl.DataFrame) -> pl.DataFrame:
    """Text columns value, qualifier, detection_limit, value_text of censored rows filled in.

    A censored value moves to `detection_limit` (unless that is given, as where the publication has a
    column for it) and leaves `value` null; the text as published goes to `value_text` where that is
    empty. Other rows, a limit beside a measured value among them, are not touched.
    """
    missing = [name for name in ("qualifier", "detection_limit", "value_text") if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    found = quantities(frame["value"])
    censored = found["qualifier"].is_not_null()
    return frame.with_columns(
        value=pl.when(~censored).then("value"),
        qualifier=pl.coalesce("qualifier", found["qualifier"]),
        detection_limit=pl.coalesce("detection_limit", found["detection_limit"]),
        value_text=pl.when(censored).then(pl.coalesce("value_text", "value")).otherwise("value_text"),
    )
