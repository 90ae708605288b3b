"""Dates and times as agencies write them → Date and Datetime, a whole column at a time.

Belongs here: spellings of dates and times. Does not belong here: years that stand only in a file's
name (`sources.published`), which column holds a date (`sources.conform`).
"""

from __future__ import annotations

import polars as pl

from sources.numerals import half_width

_COMPACT = r"^(\d{4})(\d{2})(\d{2})($|[T\s])"
_MOMENT = (
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})\s*[:：时点]\s*(?:(\d{1,2})\s*分?)?(?:\s*:?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(?:\+08:?00)?$"
)

#: A workbook counts days from here (its fictitious 29 February 1900 included).
_SERIAL_ORIGIN = "1899-12-30"
#: Serial days are taken as such only between 1954 and 2119; 8-digit dates are not mistaken for them.
_SERIAL = r"^(\d{5})(?:\.(\d+))?$"
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
_SECONDS = 86_400


def timestamps(texts: pl.Series) -> pl.Series:
    """Texts → Datetime (µs, local time without zone); null where a text is no date or time.

    Accepted: `2012-01-02 08:00`, `2012/1/2 8:00:00`, `2012-01-02T08:00`, `20120102`, `2012年1月2日8时`,
    a workbook's serial number, a date alone (its midnight), `24:00` (the midnight that ends the
    day), and `+08:00`. Another zone is not accepted: the local time cannot be known to be meant.
    """
    distinct = texts.unique()
    moments = pl.DataFrame({"t": distinct, "moment": _moments(distinct)})
    return texts.to_frame("t").join(moments, on="t", how="left", maintain_order="left")["moment"].alias(texts.name)


def dates(texts: pl.Series) -> pl.Series:
    """Texts → Date; null where a text is no date. A time of day is accepted and left out."""
    return timestamps(texts).dt.date()


def _moments(texts: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"t": half_width(texts).str.replace(_COMPACT, "${1}-${2}-${3}${4}")})
    part = [pl.col("t").str.extract(_MOMENT, place) for place in range(1, 7)]
    day = (part[0] + "-" + part[1].str.zfill(2) + "-" + part[2].str.zfill(2)).str.to_date("%Y-%m-%d", strict=False)
    hour, minute, second = (part[place].cast(pl.Int64).fill_null(0) for place in (3, 4, 5))
    seconds = hour * 3600 + minute * 60 + second
    valid = (minute < 60) & (second < 60) & (seconds <= _SECONDS)
    written = pl.when(valid).then(day.cast(pl.Datetime("us")) + pl.duration(seconds=seconds))
    serial = pl.col("t").str.extract(_SERIAL, 1).cast(pl.Int64)
    fraction = (pl.lit("0.") + pl.col("t").str.extract(_SERIAL, 2).fill_null("0")).cast(pl.Float64)
    counted = pl.lit(_SERIAL_ORIGIN).str.to_datetime("%Y-%m-%d", time_unit="us") + pl.duration(
        days=serial, seconds=(fraction * _SECONDS).round(0).cast(pl.Int64)
    )
    from_serial = pl.when(serial.is_between(_FIRST_SERIAL, _LAST_SERIAL)).then(counted)
    return frame.select(pl.coalesce(written, from_serial)).to_series()
