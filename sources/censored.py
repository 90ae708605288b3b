"""Values below or above the limit of a method: `<0.01`, `0.01L`, `>2419.6`.

Belongs here: telling a censored value from a measured one and splitting it. Does not belong here:
substitution (half the limit and the like), which happens in marts only.
"""

from __future__ import annotations

import polars as pl

#: Before the limit `<` or `>`, also full width; or after it `L` (HJ/T 373: below the detection limit).
_BEFORE = r"^\s*([<>＜＞])\s*(\S.*?)\s*$"
_AFTER = r"^\s*([0-9０-９.．]+)\s*[LＬ]\s*$"
_SIGNS = {"＜": "<", "＞": ">"}


def split_censored(frame: pl.DataFrame) -> pl.DataFrame:
    """Text columns value, qualifier, detection_limit, value_text of censored rows filled in.

    A censored value moves to `detection_limit` (unless that is given) and leaves `value` null; the
    text as published goes to `value_text` where that is empty. Other rows are not touched.
    """
    missing = [name for name in ("qualifier", "detection_limit", "value_text") if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
    value = pl.col("value")
    limit = pl.coalesce(value.str.extract(_BEFORE, 2), value.str.extract(_AFTER, 1))
    sign = value.str.extract(_BEFORE, 1).str.replace_many(_SIGNS)
    qualifier = pl.coalesce(sign, pl.when(limit.is_not_null()).then(pl.lit("<")))
    return frame.with_columns(
        value=pl.when(limit.is_null()).then(value),
        qualifier=pl.coalesce("qualifier", qualifier),
        detection_limit=pl.coalesce("detection_limit", limit),
        value_text=pl.when(limit.is_null()).then("value_text").otherwise(pl.coalesce("value_text", value)),
    )
