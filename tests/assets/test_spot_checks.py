"""Single batches: what they failed on, and what they count for."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.pass_rates.rates import PASS_RATE_MART
from assets.pass_rates.reconciliation import RECONCILIATION
from assets.spot_checks import batches as batches_module
from assets.spot_checks.failed_items import FAILED_ITEM
from assets.spot_checks.standards import FILE, PRODUCT_CATEGORY, SAFETY_ITEM
from sources.inbox import describe
from sources.reading import read_file
from tests.assets.support_inspection import batch, built, count, inspection_inputs, item
from tests.assets.support_water import CORE, MemoryInputs
from warehouse.dirty import dirty_table, mark

CASES = Path(__file__).resolve().parents[1] / "data" / "sources"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "inspection" / "cn_spotcheck"


@pytest.fixture(scope="module")
def inputs() -> MemoryInputs:
    return inspection_inputs()


def counts(rows: pl.DataFrame, counted: str, category: str = "all") -> dict[tuple[str, int], tuple[int, int]]:
    """(region, year) → inspected, passed."""
    found = rows.filter(counted=counted, category=category).to_dicts()
    return {(row["region_code"], row["year"]): (row["inspected"], row["passed"]) for row in found}


def result(value: str, limit: str, kind: str = "at_most", **more: Any) -> dict[str, Any]:
    side = "limit_low" if kind in ("at_least", "above") else "limit_high"
    return {"result_value": Decimal(value), "limit_kind": kind, side: Decimal(limit)} | more


def test_results_against_their_limits(inputs: MemoryInputs) -> None:
    cases: list[tuple[dict[str, Any], bool | None]] = [
        (result("0.13", "0.1"), True),
        (result("0.10", "0.1"), False),
        (result("0.1", "0.1", "below"), True),
        (result("0.3", "0.4", "at_least"), True),
        (result("0.4", "0.4", "at_least"), False),
        (result("0.4", "0.4", "above"), True),
        (result("5.5", "8.5", "between", limit_low=Decimal("6.5")), True),
        (result("0.2", "0", "forbidden", limit_high=None), True),
        (result("130", "0.1", item_unit="μg/kg", limit_unit="mg/kg"), None),
        ({"limit_kind": "plan", "limit_low": Decimal(100), "limit_high": Decimal(1000)}, None),
        (result("5", "3", "unsigned"), None),
        ({"result_qualifier": "<", "result_limit": Decimal("0.05"), **result("1", "0.1"), "result_value": None}, False),
        ({"result_qualifier": "<", "result_limit": Decimal("0.5"), **result("1", "0.1"), "result_value": None}, None),
        ({"result_text": "不合格"}, None),
    ]  # fmt: skip
    built(
        inputs,
        [],
        [batch(number, "fail") for number in range(len(cases))],
        [item(number, "铅", item_verdict="fail", **more) for number, (more, _) in enumerate(cases)],
    )
    found = {row["sample_id"]: row["beyond_limit"] for row in inputs.rows(FAILED_ITEM).to_dicts()}
    assert found == {str(number): beyond for number, (_, beyond) in enumerate(cases)}


def test_failing_items_are_the_ones_that_can_be_told(inputs: MemoryInputs) -> None:
    """By their verdict; else beyond the limit; else all that are named; a pass is never among them."""
    built(
        inputs,
        [],
        [batch(1, "fail"), batch(2, "fail"), batch(3, "fail"), batch(4, "fail"), batch(5, "pass")],
        [
            item(1, "铅", item_verdict="pass"), item(1, "标签", item_no=2, item_verdict="fail"),
            item(2, "铅", **result("0.1", "0.5")), item(2, "镉", item_no=2, **result("0.9", "0.5")),
            item(3, "铅"), item(3, "谁也不认识", item_no=2),
            item(5, "铅"),
        ],
    )  # fmt: skip
    rows = inputs.rows(FAILED_ITEM)
    found = rows.select("sample_id", "item_no", "item_name", "safety_class", "mandatory").rows()
    assert found == [
        ("1", 2, "标签", "labelling", False),
        ("2", 2, "镉", "contaminant", True),
        ("3", 1, "铅", "contaminant", True),
        ("3", 2, "谁也不认识", None, None),
        ("4", 0, None, None, None),
    ]


def test_safety_counts_forgive_nothing_that_is_not_known_to_be_harmless(inputs: MemoryInputs) -> None:
    rows = built(
        inputs,
        [],
        [batch(number, "fail") for number in range(1, 6)] + [batch(6, "pass")],
        [
            item(1, "标签"), item(2, "铅"), item(3, "谁也不认识"), item(4, "标签"), item(4, "铅", item_no=2),
            item(5, "标签", mandatory=True),
        ],
    )  # fmt: skip
    assert counts(rows, "batch") == {("320282", 2012): (6, 1)}
    assert counts(rows, "batch_safety") == {("320282", 2012): (6, 2)}, "the pass, and the label alone"


def test_an_enterprise_passes_when_every_batch_of_it_does(inputs: MemoryInputs) -> None:
    rows = built(
        inputs,
        [],
        [
            batch(1, "pass", producer_name="甲"), batch(2, "fail", producer_name="甲"),
            batch(3, "pass", producer_name="乙"), batch(4, "pass", producer_name="乙", category="饼干"),
            batch(5, "pass", producer_name=None),
            batch(6, "fail", producer_name="甲", category="饼干"),
        ],
    )  # fmt: skip
    assert counts(rows, "batch")["320282", 2012] == (6, 4)
    assert counts(rows, "enterprise")["320282", 2012] == (2, 1)
    assert counts(rows, "enterprise", "糕点")["320282", 2012] == (2, 1)
    assert counts(rows, "enterprise", "饼干")["320282", 2012] == (2, 1)


BATCHES = [
    batch(1, "pass", sampled_on=date(2011, 12, 20), published_on=date(2012, 1, 10)),
    batch(2, "conditional", sampled_on=None, producer_region_code="320282101", sampled_region_code="320282102"),
    batch(3, "fail", producer_region_code="320500101"),
]


def test_shipped_settings(inputs: MemoryInputs) -> None:
    assert counts(built(inputs, [], BATCHES), "batch") == {("320282", 2012): (3, 1), ("320282101", 2012): (1, 0)}


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"year_of": "sampled"}, {("320282", 2011): (1, 1), ("320282", 2012): (2, 0), ("320282101", 2012): (1, 0)}),
        ({"conditional_passes": "yes"}, {("320282", 2012): (3, 2), ("320282101", 2012): (1, 1)}),
        ({"town_of": "sampled"}, {("320282", 2012): (3, 1), ("320282102", 2012): (1, 0)}),
    ],
)
def test_each_setting_changes_what_it_says(
    chosen: dict[str, str], found: dict[tuple[str, int], tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = batches_module.setting
    monkeypatch.setattr(batches_module, "setting", lambda name: chosen.get(name) or shipped(name))
    assert counts(built(inspection_inputs(), [], BATCHES), "batch") == found


def test_a_setting_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from assets.spot_checks import standards

    frame = pl.DataFrame({"setting": ["year_of"], "value": ["bought"], "source": ["x"]})
    monkeypatch.setattr(standards, "_section", lambda table, name: frame)
    with pytest.raises(ValueError, match="year_of is 'bought'; accepted: published, sampled"):
        standards.setting.__wrapped__("year_of")


def test_changed_batches_make_every_region_and_year_dirty_that_a_setting_could_name(inputs: MemoryInputs) -> None:
    built(inputs, [], BATCHES)
    keys = dirty_table(PASS_RATE_MART).name
    inputs.clear(keys)
    mark(inputs.con, [PASS_RATE_MART], "core.spot_checks", "core.spot_checks")
    assert set(inputs.con.sql(f"FROM {keys}").fetchall()) == {
        ("320282", 2011), ("320282", 2012), ("320282101", 2012), ("320282102", 2012), ("320500101", 2012),
    }  # fmt: skip


def test_categories_of_two_publications_get_one_code(inputs: MemoryInputs) -> None:
    rows = built(inputs, [], [batch(1, "pass", category="豆及豆制品"), batch(2, "pass", category="豆制品")])
    found = rows.filter(pl.col("category").str.starts_with("豆"))["category_code"].unique().to_list()
    assert found == ["soy_main"]
    tree = inputs.rows(PRODUCT_CATEGORY)
    assert set(tree["parent_code"].drop_nulls()) <= set(tree["code"])
    assert tree.group_by("code").agg(pl.col("zh", "en", "parent_code").n_unique())["zh"].max() == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the full publications are not beside the project")
def test_the_tree_and_the_safety_items_cover_what_was_published(inputs: MemoryInputs) -> None:
    """Every category of the shared collections, and all but six of the failing items."""
    records = pl.concat([read_file(describe(path, "spot_checks")).records for path in sorted(SHARED.glob("cn_*.csv"))])
    published = set(records["category"].drop_nulls()) | set(records["subcategory"].drop_nulls())
    assert published <= set(inputs.rows(PRODUCT_CATEGORY)["published"])
    patterns = [re.escape(text).replace("%", ".*") for text in inputs.rows(SAFETY_ITEM)["pattern"]]
    names = records["item_name"].drop_nulls().unique().sort()
    unknown = [name for name in names if not any(re.fullmatch(pattern, name) for pattern in patterns)]
    assert unknown == ["亚油酸", "亚麻酸", "棕榈酸", "油酸", "泄压压力", "硬脂酸"]


def test_printed_failures_break_their_limits(inputs: MemoryInputs) -> None:
    """Of the extract's failing items with a number and a signed limit, every one is beyond it."""
    records = read_file(describe(CASES / "spot_checks_items.csv", "spot_checks")).records
    rows = records.with_columns(sample_id=pl.col("_identity"), origin=pl.lit("real"))
    batches = rows.unique("sample_id").to_dicts()
    columns = {part: set(CORE[part].names) for part in ("spot_checks", "spot_check_item")}
    named = rows.filter(pl.col("item_name").is_not_null())
    built(
        inputs,
        [],
        [{key: row[key] for key in columns["spot_checks"] & row.keys()} for row in batches],
        [{key: row[key] for key in columns["spot_check_item"] & row.keys()} for row in named.to_dicts()],
    )
    found = inputs.rows(FAILED_ITEM)
    assert found.filter(pl.col("beyond_limit").is_null()).height == found.height - found["beyond_limit"].sum()
    assert found["beyond_limit"].sum() == 6


def test_the_data_file_names_its_sources() -> None:
    text = FILE.read_text("utf-8")
    assert "confidence: memory" in text and "宜政发[2012]92号" in text


def test_published_counts_are_held_against_the_batches_of_their_period(inputs: MemoryInputs) -> None:
    """Only equal periods, programmes and categories meet; neither side is corrected."""
    half = {"period_start": date(2012, 4, 1), "period_end": date(2012, 6, 30)}
    batches = [
        batch(1, "pass", published_on=date(2012, 4, 1)),
        batch(2, "fail", published_on=date(2012, 6, 30)),
        batch(3, "pass", published_on=date(2012, 7, 1), category="饼干"),
        batch(4, "pass", programme="national"),
        batch(5, "fail", series="cqn_news"),
    ]
    published = [
        count(3, 2), count(2, 1, **half), count(2, 2, category="糕点"), count(1, 1, category="饼干"),
        count(5, 5, programme="national"), count(9, 9, programme="provincial"), count(1, 1, counted="enterprise"),
    ]  # fmt: skip
    built(inputs, published, batches)
    rows = inputs.rows(RECONCILIATION)
    found = {
        (r["programme"], r["category"], r["period_start"].month): (r["batches"], r["finding"]) for r in rows.to_dicts()
    }
    assert found == {
        ("city", "all", 1): (3, "equal"),
        ("city", "all", 4): (2, "equal"),
        ("city", "糕点", 1): (2, "other_verdicts"),
        ("city", "饼干", 1): (1, "equal"),
        ("national", "all", 1): (1, "fewer_batches"),
    }
    assert rows["agrees"].sum() == 3
    assert set(rows["batch_series"]) == {"canonical"}, "news of failures are held against nothing"
