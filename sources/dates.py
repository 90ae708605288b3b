"""Dates and times as agencies write them → Date and Datetime, a whole column at a time.

Belongs here: spellings of dates and times. Does not belong here: years that stand only in a file's
name (`sources.published`), which column holds a date (`sources.conform`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

from sources.numerals import half_width

#: Where a publication prints day, month and year as numbers: their order. Adapters declare it.
Order = Literal["ymd", "dmy", "mdy"]

_USUAL = "%Y-%m-%d %H:%M"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})($|[T\s])"
_CLOCK = (
    r"(?:[T\s]*(\d{1,2})\s*[:：时点]\s*(?:(\d{1,2})\s*分?)?(?:\s*:?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(?:\+08:?00)?$"
)
_MOMENT = r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?" + _CLOCK
_YEAR_LAST = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(\D.*)?$"
_NAMED = r"^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b(.*)$"
_DAY_NAMED = r"^(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?[\s,-]+(\d{4})\b(.*)$"

#: Two digits can be a year only where they can be neither month nor day, or where 年 says so.
_SHORT_YEAR = r"^(\d{2})(年.*)$"
_LATE_FIRST = r"^(69|[7-9]\d)([-/.]\d{1,2}[-/.]\d{1,2}(?:\D.*)?)$"
#: 69 to 99 are the last century's, the rest is this one's (as POSIX `%y`).
_CENTURY = 69

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NAMES = {name: str(number) for number, name in enumerate(_MONTHS, start=1)}
_MONTH_NAMES |= {name[:3]: str(number) for number, name in enumerate(_MONTHS, start=1)} | {"sept": "9"}

_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))


def _chinese(number: int) -> str:
    """1 … 31 as Chinese dates write it."""
    tens, ones = divmod(number, 10)
    ten = ("", "十", "二十", "三十")[tens]
    return ten + "〇一二三四五六七八九"[ones] if ones else ten


#: The longer names first: `leftmost` takes the first of the list that fits.
_CHINESE_PARTS = {"元月": "1月"}
_CHINESE_PARTS |= {f"{_chinese(n)}{mark}": f"{n}{mark}" for mark in "日号时点分" for n in range(31, 0, -1)}
_CHINESE_PARTS |= {f"{_chinese(n)}月": f"{n}月" for n in range(12, 0, -1)}

#: A workbook counts days from here (its fictitious 29 February 1900 included).
_SERIAL_ORIGIN = "1899-12-30"
#: Serial days are taken as such only between 1954 and 2119; 8-digit dates are not mistaken for them.
_SERIAL = r"^(\d{5})(?:\.(\d+))?$"
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
_SECONDS = 86_400


def timestamps(texts: pl.Series, order: Order = "ymd") -> pl.Series:
    """Texts → Datetime (µs, local time without zone); null where a text is no date or time.

    Accepted: `2012-01-02 08:00`, `2012/1/2 8:00:00`, `2012-01-02T08:00`, `20120102`, `2012年1月2日8时`,
    `二〇一二年一月二日`, `12年1月2日`, a workbook's serial number, `Oct 30, 2024`, `30-Oct-2024`, a date alone
    (its midnight), `24:00` (the midnight that ends the day), and `+08:00`. Another zone is not accepted:
    the local time cannot be known to be meant. `06-01-2020` is accepted where `order` says what comes
    first (`dmy`, `mdy`), else only where one of the two is above 12. A year of two digits is
    accepted where it can be nothing else: before 年, or from 69 on in the first place (`99-12-31`).
    """
    distinct = texts.drop_nulls().unique()
    # The usual form is read at once; every other one goes through the patterns below.
    usual = distinct.str.to_datetime(_USUAL, strict=False, time_unit="us")
    if usual.null_count():
        rest = distinct.filter(usual.is_null())
        distinct = pl.concat([distinct.filter(usual.is_not_null()), rest])
        usual = pl.concat([usual.drop_nulls(), _moments(rest, order)])
    moments = pl.DataFrame({"t": distinct, "moment": usual})
    return texts.to_frame("t").join(moments, on="t", how="left", maintain_order="left")["moment"].alias(texts.name)


def dates(texts: pl.Series, order: Order = "ymd") -> pl.Series:
    """Texts → Date; null where a text is no date. A time of day is accepted and left out."""
    return timestamps(texts, order).dt.date()


def anchored(texts: pl.Series, first: date, last: date) -> pl.DataFrame:
    """Times without a year (`07-15 08:00`, `7月15日8时`), by the days that their file is of.

    → `moment` (Datetime, the latest such time that is not after `last`; null where the text is no such
    time) and `stale` (whether it lies outside `first` … `last`: left over from an earlier day).
    """
    clock = texts.str.strip_chars().str.replace(r"^(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", "${1}-${2} ")
    end = datetime(last.year, last.month, last.day) + timedelta(days=1)
    this, before = (
        timestamps(pl.select(pl.lit(f"{year}-") + clock).to_series()) for year in (last.year, last.year - 1)
    )
    frame = pl.DataFrame({"this": this, "before": before})
    moment = pl.when(pl.col("this") < end).then("this").otherwise("before")
    inside = moment.is_between(datetime(first.year, first.month, first.day), end, closed="left")
    return frame.select(moment=moment, stale=(~inside).fill_null(False))


def _moments(texts: pl.Series, order: Order) -> pl.Series:
    frame = pl.DataFrame({"t": _year_first(half_width(texts), order).str.replace(_COMPACT, "${1}-${2}-${3}${4}")})
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


def _year_first(texts: pl.Series, order: Order) -> pl.Series:
    """Every accepted order and script as `year-month-day rest`; other texts stay as they are."""
    frame = pl.DataFrame({"t": _without_chinese_numerals(texts).str.to_lowercase()})
    t = pl.col("t")
    short = pl.coalesce(t.str.extract(_SHORT_YEAR, 1), t.str.extract(_LATE_FIRST, 1))
    century = pl.when(short.cast(pl.Int64, strict=False) >= _CENTURY).then(pl.lit("19")).otherwise(pl.lit("20"))
    one, two = (t.str.extract(_YEAR_LAST, place).cast(pl.Int64) for place in (1, 2))
    day_first = pl.lit(order == "dmy") | (pl.lit(order == "ymd") & (one > 12))
    month_first = pl.lit(order == "mdy") | (pl.lit(order == "ymd") & (two > 12))
    year, rest = t.str.extract(_YEAR_LAST, 3), t.str.extract(_YEAR_LAST, 4).fill_null("")
    named = _month(t.str.extract(_NAMED, 1))
    day_named = _month(t.str.extract(_DAY_NAMED, 2))
    return frame.select(
        pl.coalesce(
            pl.when(short.is_not_null()).then(century + t),
            pl.when(day_first).then(year + "-" + two.cast(pl.String) + "-" + one.cast(pl.String) + rest),
            pl.when(month_first).then(year + "-" + one.cast(pl.String) + "-" + two.cast(pl.String) + rest),
            t.str.extract(_NAMED, 3) + "-" + named + "-" + t.str.extract(_NAMED, 2) + t.str.extract(_NAMED, 4),
            t.str.extract(_DAY_NAMED, 3)
            + "-"
            + day_named
            + "-"
            + t.str.extract(_DAY_NAMED, 1)
            + t.str.extract(_DAY_NAMED, 4),
            t.str.to_uppercase(),
        )
    ).to_series()


def _month(name: pl.Expr) -> pl.Expr:
    return name.replace_strict(_MONTH_NAMES, default=None, return_dtype=pl.String)


def _without_chinese_numerals(texts: pl.Series) -> pl.Series:
    """`二〇一二年十二月三十一日` as `2012年12月31日`; texts without 年 or 月 stay as they are."""
    parts = texts.to_frame("t").select(
        pl.col("t").str.replace_many(list(_CHINESE_PARTS), list(_CHINESE_PARTS.values()), leftmost=True)
    )
    return parts.to_series().str.replace_many(_DIGITS).zip_with(texts.str.contains("年.*月").fill_null(False), texts)
