"""Several items or results in one cell: `大肠菌群、霉菌`, `①…;②…`, `初检结果：2.9；复检结果：2.7`.

Belongs here: cutting such cells, in order. Does not belong here: what one piece says
(`sources.quantities`), which columns of a publication are cut (its adapter).
"""

from __future__ import annotations

import polars as pl

#: Numbers before the pieces of a list.
_ENUMERATOR = r"[①②③④⑤⑥⑦⑧⑨⑩]"
_PIECE = "\x1f"
_BRACKETS = r"[(（][^()（）]*[)）]"
#: Stands for a separator inside brackets while the rest is cut.
_KEPT = {"、": "\x1c", ";": "\x1d", "；": "\x1e"}

_PLACE = "_place"

_FIRST = r"(?s)初[检次][^:：]*[:：]?\s*(.*?)\s*[;；,，]?\s*复[检验]"
_REPEAT = r"(?s)复[检验][^:：]*[:：]?\s*(.*?)\s*[;；。]?\s*$"


def item_list(texts: pl.Series) -> pl.Series:
    """Names of items in a cell → list of names in order; separators inside brackets do not cut.

    Cut at `、`, `；`, `;`. `合成着色剂(柠檬黄、日落黄)` is one item. A null stays null.
    """
    return _cut(_protected(texts), r"[、；;]")


def result_list(texts: pl.Series) -> pl.Series:
    """Results in a cell → list of results in order, without their numbers ①②③.

    Cut at `；`, `;` and before ①…⑩. Line breaks inside a result go. A null stays null.
    """
    return _cut(texts, rf"[；;]|{_ENUMERATOR}")


def first_and_repeat(texts: pl.Series) -> pl.DataFrame:
    """`初检结果：2.9mg/kg；复检结果：2.7mg/kg` → text columns first, repeat; a single result is the first."""
    first = pl.col("t").str.extract(_FIRST, 1)
    return pl.DataFrame({"t": texts}).select(
        first=pl.when(first.is_not_null()).then(first).otherwise("t"),
        repeat=pl.when(first.is_not_null()).then(pl.col("t").str.extract(_REPEAT, 1)),
    )


def one_row_each(frame: pl.DataFrame, item: str, together: tuple[str, ...] = ()) -> pl.DataFrame:
    """A row per item of the cell `item`; the cells `together` are shared out where they pair up.

    A cell of `together` (results, limits, units) with as many pieces as there are items gives each
    item its own, in order. With another number of pieces nobody can say which belongs to which: the
    whole cell stands on every row, as published. Rows with one item or none are not touched, so that
    five results of one item stay together.
    """
    items = item_list(frame[item])
    count = items.list.len().fill_null(0)
    if not (count > 1).any():
        return frame
    columns = [items.alias(item)]
    for name in together:
        pieces = result_list(frame[name])
        whole = pl.DataFrame({"cell": frame[name], "times": count}).select(pl.col("cell").repeat_by("times"))
        columns.append(pieces.zip_with((pieces.list.len() == count).fill_null(False), whole.to_series()).alias(name))
    numbered = frame.with_row_index(_PLACE)
    split = numbered.with_columns(columns).filter(count > 1).explode([item, *together])
    return pl.concat([numbered.filter(count <= 1), split]).sort(_PLACE, maintain_order=True).drop(_PLACE)


def _protected(texts: pl.Series) -> pl.Series:
    """Separators inside brackets replaced by marks, so that they do not cut."""
    inside = pl.col("t").str.extract_all(_BRACKETS)
    frame = pl.DataFrame({"t": texts})
    rows = frame.filter(pl.col("t").str.contains(_BRACKETS))["t"].unique()
    if rows.is_empty():
        return texts
    found = pl.DataFrame({"t": rows}).select("t", inside.alias("inside")).explode("inside")["inside"].drop_nulls()
    kept = {text: text.translate(str.maketrans(_KEPT)) for text in found.unique()}
    return texts.str.replace_many(kept)


def _cut(texts: pl.Series, separators: str) -> pl.Series:
    """Lists of trimmed, non-empty pieces."""
    pieces = texts.str.replace_all(separators, _PIECE).str.replace_all(r"\s*\n\s*", " ").str.split(_PIECE)
    back = {mark: separator for separator, mark in _KEPT.items()}
    trimmed = pieces.list.eval(pl.element().str.strip_chars().str.replace_many(back))
    return trimmed.list.eval(pl.element().filter(pl.element() != "")).alias(texts.name)
