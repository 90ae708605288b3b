"""Roll-ups: counted and scored again by a plain loop, and not shown when too much is missing."""

from __future__ import annotations

from itertools import product
from typing import Any

import ibis
import polars as pl
import pytest

from assets.plan.tables import INDICATOR
from assets.status.marts import INDICATOR_STATUS
from assets.status.rollup import ROLLUP, SCORE, score_frame, status_rollup
from assets.status.words import STATUSES

WORDS = [code.code for code in STATUSES.codes]
POINTS = {"met": 100, "on_track": 100, "behind": 50, "missed": 0, "slipped": 0}
MISSING = {"no_data", "insufficient_data", "not_assessable"}


def _rollup(verdicts: list[tuple[str, str, str | None, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """`verdicts`: status, chapter, body, origin. → (level, code) → row."""
    statuses = [
        {"plan": "p", "indicator": f"i{n}", "region_code": "320282", "year": 2013, "definition": "d",
         "headline": True, "status": status, "origin": origin}
        for n, (status, _, _, origin) in enumerate(verdicts)
    ]  # fmt: skip
    statuses.append(statuses[0] | {"definition": "another", "headline": False, "status": "missed"})
    indicators = [
        {"plan": "p", "code": f"i{n}", "chapter": chapter, "chapter_zh": chapter, "chapter_en": chapter,
         "responsible_body": body, "responsible_body_zh": body, "responsible_body_en": body}
        for n, (_, chapter, body, _) in enumerate(verdicts)
    ]  # fmt: skip
    tables = (
        ibis.memtable(pl.DataFrame(statuses, schema=INDICATOR_STATUS.polars_schema)),
        ibis.memtable(pl.DataFrame(indicators, schema=INDICATOR.polars_schema)),
        ibis.memtable(score_frame()),
    )
    rows = ibis.duckdb.connect().to_polars(status_rollup(*tables))
    assert rows.columns == list(ROLLUP.names)
    assert not rows.select(ROLLUP.key).is_duplicated().any()
    return {(row["level"], row["code"]): row for row in rows.to_dicts()}


def test_the_points_are_the_words_each_once() -> None:
    frame = score_frame()
    assert frame["status"].to_list() == WORDS
    assert {row["status"]: row["points"] for row in frame.to_dicts() if row["points"] is not None} == POINTS
    assert {row["status"] for row in frame.to_dicts() if row["missing"]} == MISSING
    assert frame.schema == pl.DataFrame(schema=SCORE.polars_schema).schema


def test_every_group_is_what_a_plain_loop_gives() -> None:
    verdicts = [
        (status, chapter, body, "real")
        for n, (status, chapter, body) in enumerate(product(WORDS, ("one", "two"), ("epb", None)))
        if n % 3
    ]
    found = _rollup(verdicts)
    groups: dict[tuple[str, str], list[str]] = {}
    for status, chapter, body, _ in verdicts:
        for key in (("plan", "p"), ("chapter", chapter), ("body", body or "unassigned")):
            groups.setdefault(key, []).append(status)
    assert found.keys() == groups.keys()
    for key, given in groups.items():
        scored = [POINTS[status] for status in given if status in POINTS]
        missing = sum(status in MISSING for status in given)
        row = found[key]
        assert {word: row[word] for word in WORDS} == {word: given.count(word) for word in WORDS}
        assert (row["indicators"], row["scored"]) == (len(given), len(scored))
        assert row["missing_percent"] == pytest.approx(100 * missing / (missing + len(scored)))
        shown = missing <= 0.2 * (missing + len(scored))
        assert row["score"] == (sum(scored) / len(scored) if shown else None)


@pytest.mark.parametrize(("missing", "score"), [(0, 75.0), (1, 75.0), (2, None)])
def test_one_fifth_without_data_is_the_most(missing: int, score: float | None) -> None:
    verdicts = [("met", "one", None, "real")] * 2 + [("behind", "one", None, "real")] * 2
    verdicts += [("no_data", "one", None, "real")] * missing
    verdicts += [("not_due", "one", None, "real"), ("reported", "one", None, "real")]
    assert _rollup(verdicts)[("chapter", "one")]["score"] == score


def test_nothing_with_points_has_no_score_and_origins_mix() -> None:
    found = _rollup([("not_due", "one", None, "real"), ("met", "two", None, "real"), ("met", "two", None, "synthetic")])
    assert (found["chapter", "one"]["score"], found["chapter", "one"]["missing_percent"]) == (None, None)
    assert [found[key]["origin"] for key in (("chapter", "one"), ("chapter", "two"))] == ["real", "mixed"]
