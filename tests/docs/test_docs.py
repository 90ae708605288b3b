"""The documentation is true: its queries run, its tables are complete, its example works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.main import get_command

from assets.status.words import STATUSES
from pipelines.cli import app
from pipelines.settings import ENV_PREFIX, PROJECT, Settings
from sources import bounds
from sources.adapters import also_reading
from sources.feeds import FEEDS
from sources.inbox import describe
from sources.reading import read_file
from support.nights import published

DOCS = PROJECT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), PROJECT / "README.md"])


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def home(sample_home: Path) -> Path:
    return sample_home


@pytest.mark.parametrize(
    "page", ["query.md", "where-we-differ.md", "pass-rates.md", "energy.md", "air.md", "water.md", "explain.md"]
)
def test_every_query_runs_and_finds_something(home: Path, page: str) -> None:
    queries = _blocks(page, "sql")
    assert queries
    with published(home) as con:
        for query in queries:
            assert con.execute(query).fetchall(), query


def test_the_sample_that_water_follows_is_in_the_file_and_has_what_the_page_shows(home: Path) -> None:
    page = (DOCS / "water.md").read_text("utf-8")
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("|") and "---" not in line
    ]
    lines = (PROJECT / "samples" / "inbox" / "water_samples" / "兰山嘴_2021-04.csv").read_text("utf-8").splitlines()
    assert lines[1] in page
    with published(home) as con:
        for query in _blocks("water.md", "sql"):
            answers = con.execute(query).fetchall()
            assert answers, query
            for row in answers:
                told = ["" if cell is None else f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row]
                assert told in shown, told


def test_the_withdrawals_that_corrections_tells_of_can_be_asked_for(home: Path) -> None:
    (query,) = _blocks("corrections.md", "sql")
    with published(home) as con:
        for asked in _blocks("quarantine.md", "sql"):
            con.execute(asked).fetchall()
        assert con.execute(query).fetchall() == []
        assert [column[0] for column in con.description or []][2:5] == ["withdrawn_at", "withdrawn_by", "reason"]


def test_the_differences_that_are_told_are_the_ones_that_are_found(home: Path) -> None:
    with published(home) as con:
        found = dict(
            con.execute(
                "SELECT series || ' ' || coalesce(nullif(period, ''), subject), compared - equal FROM mart.agreement"
            ).fetchall()
        )
    assert found == {
        "beijing_daily 2013": 12, "beijing_daily 2014": 134, "beijing_daily 2015": 74, "beijing_daily 2016": 0,
        "beijing_daily 2017": 0, "beijing_daily 2018": 14, "ceads_energy fuel totals from sectors": 0,
        "cnemc_air_snapshot hourly AQI": 0, "cnemc_air_snapshot hourly primary pollutants": 0,
        "cnemc_water_csv water class": 2, "cnemc_water_json water class": 0, "samr_category_table rate from counts": 0,
    }  # fmt: skip
    assert 12 + 134 + 74 == 220 and "220 of 760 days" in (DOCS / "where-we-differ.md").read_text("utf-8")


def test_every_status_word_is_explained() -> None:
    text = (DOCS / "read-a-status.md").read_text("utf-8")
    for code in STATUSES.codes:
        assert f"| `{code.code}` | {code.zh} |" in text


def test_every_setting_is_documented() -> None:
    text = (DOCS / "run-it-nightly.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `{ENV_PREFIX}{name.upper()}` | {field.description} |" in text


def test_readme_names_every_verb_and_no_other() -> None:
    text = (PROJECT / "README.md").read_text("utf-8")
    verbs = set(get_command(app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"`quality-city (\w+)", text)) | {"dictionary"}
    assert named == verbs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_publication_of_the_docs_is_added_by_what_they_show(tmp_path: Path) -> None:
    (code,) = _blocks("add-a-publication.md", "python")
    (example,) = _blocks("add-a-publication.md", "csv")
    assert len(code.splitlines()) <= 30
    scope: dict[str, Any] = {}
    exec(compile(code, "add-a-publication.md", "exec"), scope)
    file = tmp_path / "intakes.csv"
    file.write_text(example, "utf-8")
    with also_reading(scope["COUNTY_INTAKES"]):
        read = read_file(describe(file, "source_intakes"))
    assert read.refused.is_empty()
    assert read.records.select("source_name", pl.col("intake_10k_t").cast(pl.Float64)).rows() == [
        ("横山水库", 702.0), ("横山水库", 655.0),
    ]  # fmt: skip
    assert read.set_aside.height == 3  # title, header, total


def test_the_example_of_where_files_go_has_the_fates_that_are_told(tmp_path: Path) -> None:
    (example,) = _blocks("where-files-go.md", "csv")
    file = tmp_path / "gdp.csv"
    file.write_text(example, "utf-8")
    read = read_file(describe(file, "economic_accounts"))
    assert read.records["period"].to_list() == ["2012"]
    assert read.refused.select("source_row", "rule").rows() == [(3, "type:value"), (4, "unit:unit")]


def test_every_folder_and_every_limit_is_told_to_those_who_send_files() -> None:
    text = (DOCS / "where-files-go.md").read_text("utf-8")
    for feed in FEEDS.values():
        assert f"| `{feed.name}` | {feed.zh} | {feed.en} |" in text
    size, whole = bounds.MAX_UNPACKED_BYTES // 1024**3, bounds.MAX_WHOLE_BYTES // 1024**2
    assert f"| {size} GiB for CSV, JSON lines and Parquet; {whole} MiB for formats" in text
    for limit in (bounds.MAX_COLUMNS, bounds.MAX_CELL_CHARACTERS, bounds.MAX_MEMBERS):
        assert f"| {limit:,} |" in text
