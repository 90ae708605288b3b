"""Text records → the registry's types, and a sentence for everything that does not fit.

Belongs here: typing a feed's columns, required cells, codes. Does not belong here: spellings of
numbers and dates (`sources.numerals`, `sources.dates`), rules about values (`checks`).
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from sources.dates import Order, dates, timestamps
from sources.numerals import decimals, integers
from sources.registry import Codes, Column, Feed
from sources.units import UNIT, accepted_units, converted, unknown

#: Columns that `conform` adds: what was wrong with a record (null: nothing), by rule and in words.
RULE, REASON = "_rule", "_reason"

#: Characters of a cell that a reason repeats.
_SHOWN = 80

_TRUE = ("true", "yes", "y", "是", "1", "有", "对")
_FALSE = ("false", "no", "n", "否", "0", "无", "错")
_BOOLEANS = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)


def conform(feed: Feed, records: pl.DataFrame, derived: Collection[str] = (), order: Order = "ymd") -> pl.DataFrame:
    """`records` with every column of the feed in its registry type, plus `_rule` and `_reason`.

    Text columns not given are null. A cell that does not type is null and its record says why:
    rule `type:<column>`, `code:<column>`, `unit:<column>` or `required:<column>`, several joined by
    comma; `_reason` names column, found and accepted. A text column `_unit:<column>` says in which
    unit the cells are; they are converted to the registry's, exactly. `order` is that of dates.
    `derived` columns are filled in later and are not required here.
    Decimals with more digits after the point than the registry's scale are rounded half to even;
    more digits before it than fit are refused.
    """
    names = {column.name for column in feed.columns}
    columns = [records[name] for name in records.columns if name not in names and not name.startswith(UNIT)]
    rules: list[pl.Expr] = []
    reasons: list[pl.Expr] = []

    def note(column: Column, kind: str, bad: pl.Series, found: pl.Expr, wanted: str) -> None:
        if bad.any():
            label = f"{column.name} ({column.zh}): found "
            rules.append(pl.when(bad).then(pl.lit(f"{kind}:{column.name}")))
            reasons.append(pl.when(bad).then(pl.concat_str(pl.lit(label), found, pl.lit(f"; accepted: {wanted}"))))

    for column in feed.columns:
        required = column.name in _required(feed) and column.name not in derived
        if column.name not in records.columns:
            columns.append(pl.Series(column.name, [None], column.polars_type).new_from_index(0, records.height))
            if required:
                note(column, "required", columns[-1].is_null(), pl.lit("nothing"), accepted(column))
            continue
        if (plain := _plainly(column, records, order)) is not None:
            columns.append(plain)
            if required and plain.null_count():
                note(column, "required", plain.is_null(), pl.lit("nothing"), accepted(column))
            continue
        text = _text(records, column.name)
        if f"{UNIT}{column.name}" in records.columns:
            spelled = _text(records, f"{UNIT}{column.name}")
            strange = text.is_not_null() & unknown(spelled, column.unit)
            value = converted(text, spelled, column.unit, column.width, column.scale)
            note(column, "unit", strange, _quoted(spelled), f"a value in {accepted_units(column.unit)}")
        else:
            value, strange = typed(column, text, order), None
        columns.append(value.alias(column.name))
        if value.null_count() > text.null_count():  # mostly every text fits, and none of a million is looked for
            kind = ("unit" if _is_unit(column) else "code") if column.codes else "type"
            wrong = text.is_not_null() & value.is_null()
            note(column, kind, wrong if strange is None else wrong & ~strange, _quoted(text), accepted(column))
        if required and text.null_count():
            note(column, "required", text.is_null(), pl.lit("nothing"), accepted(column))
    return pl.DataFrame(columns).with_columns(_sentence(rules, ", ", RULE), _sentence(reasons, "; ", REASON))


def _plainly(column: Column, records: pl.DataFrame, order: Order) -> pl.Series | None:
    """A number's or a moment's column in its type, where every text fits as it is; None where some cell needs a look.

    So it is with nearly all columns, and they need neither trimming nor anything said of their cells.
    """
    text = records[column.name]
    spelled = text.dtype == pl.String and f"{UNIT}{column.name}" not in records.columns
    if not spelled or column.codes or column.type in ("text", "boolean"):
        return None
    value = typed(column, text, order)
    return value if value.null_count() == text.null_count() else None


def _is_unit(column: Column) -> bool:
    return column.name == "unit" or column.name.endswith("_unit")


def _quoted(text: pl.Series) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), pl.lit(text).str.head(_SHOWN), pl.lit('"'))


def _required(feed: Feed) -> set[str]:
    """Columns without which a record is no fact (those of parts that every record has)."""
    return {column.name for part in feed.parts if not part.present for column in part.columns if column.required}


def _text(records: pl.DataFrame, name: str) -> pl.Series:
    """A column's trimmed text, null when empty."""
    trimmed = records[name].cast(pl.String).str.strip_chars()
    return trimmed.set(trimmed == "", None)


def _sentence(parts: list[pl.Expr], separator: str, name: str) -> pl.Expr:
    if not parts:
        return pl.lit(None, pl.String).alias(name)
    joined = pl.concat_str(parts, separator=separator, ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias(name)


def typed(column: Column, texts: pl.Series, order: Order = "ymd") -> pl.Series:
    """One column of text in its registry type; null where the text does not fit."""
    if column.codes:
        return coded(column.codes, texts)
    match column.type:
        case "text":
            return texts
        case "integer":
            return integers(texts)
        case "boolean":
            return texts.str.to_lowercase().replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)
        case "date":
            return dates(texts, order)
        case "timestamp":
            return timestamps(texts, order)
        case _:
            return decimals(texts, column.width, column.scale, percent=column.unit == "%")


def coded(codes: Codes, texts: pl.Series) -> pl.Series:
    """Published words → codes: exactly as spelled, else without regard to case; null for unknown words."""
    lowered: dict[str, set[str]] = {}
    for spelled, code in codes.spellings.items():
        lowered.setdefault(spelled.lower(), set()).add(code)
    loose = {spelled: next(iter(found)) for spelled, found in lowered.items() if len(found) == 1}
    words = texts.drop_nulls().unique().to_list()  # few, of however many records
    known = {word: codes.spellings.get(word) or loose.get(word.lower()) for word in words}
    if all(word == code for word, code in known.items()):
        return texts
    return texts.replace_strict(known, default=None, return_dtype=pl.String)


def accepted(column: Column) -> str:
    """What a cell of this column may hold, for messages and templates."""
    if column.codes:
        return "one of " + ", ".join(f"{code.code} ({code.zh})" for code in column.codes.codes)
    match column.type:
        case "text":
            return "text"
        case "integer":
            return "a whole number"
        case "boolean":
            return "是 or 否 (also true, false, 1, 0)"
        case "date":
            return "a date such as 2012-01-02"
        case "timestamp":
            return "a local time such as 2012-01-02 08:00"
        case _:
            sign = " (per cent sign allowed)" if column.unit == "%" else ""
            return f"a number with up to {column.width - column.scale} digits before the point{sign}"
