"""A file read in many stretches has the fates that it has when it is read in one."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources import bounds
from sources.adapters import ADAPTERS
from sources.inbox import describe
from sources.outcome import Reading, Refusal, SourceFile
from sources.reading import FileReader, raw_rows, read_file

INBOX = Path(__file__).resolve().parents[2] / "samples" / "inbox"
SMALL = 300


def in_stretches(file: SourceFile, size: int) -> tuple[Reading, dict[str, list[Any]]]:
    """The file's facts and the rows of its frames, read with that stretch."""
    reader = FileReader(file, size)
    parts = list(reader.stretches())
    frames = {
        name: pl.concat([getattr(part, name) for part in parts], how="diagonal")
        for name in ("records", "refused", "set_aside")
    }
    return reader.reading(), {name: rows(frame) for name, frame in frames.items()}


def rows(frame: pl.DataFrame) -> list[Any]:
    """Rows without the cells that are empty; the raw text read as JSON."""
    found = [{key: cell for key, cell in row.items() if cell is not None} for row in frame.iter_rows(named=True)]
    for row in found:
        if "raw" in row:
            row["raw"] = {key: cell for key, cell in json.loads(row["raw"]).items() if cell is not None}
    return found


def fates(file: SourceFile, size: int | None) -> Any:
    """Everything that reading says of the file, or why it is refused."""
    try:
        if size is None:
            whole = read_file(file)
            facts: Reading = whole
            frames = {name: rows(getattr(whole, name)) for name in ("records", "refused", "set_aside")}
        else:
            facts, frames = in_stretches(file, size)
    except Refusal as refusal:
        return refusal.problem
    said = (facts.series, facts.stage, facts.published_at, facts.published_at_from, facts.origin, facts.rows_read)
    return said, rows(facts.aside), facts.notes, frames


def samples() -> list[Path]:
    found = [path for path in sorted(INBOX.glob("*/*")) if not path.name.startswith("_")]
    return [path for path in found if path.stat().st_size < 400_000]


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_a_real_publication_has_the_same_fates_in_stretches(path: Path) -> None:
    file = describe(path, path.parent.name)
    file = SourceFile(file.path, file.feed, path.name, file.sha256, file.size, datetime(2026, 1, 1))
    assert fates(file, 20_000) == fates(file, None)


def test_some_publications_are_read_in_stretches_and_those_that_cannot_be_say_so() -> None:
    streaming = {adapter.series for adapter in ADAPTERS if adapter.streams}
    assert "canonical" in streaming
    assert all(adapter.streams or adapter.prepare or adapter.fill_down for adapter in ADAPTERS)


CELLS = {
    "sample_id": ["", "", "", "S1", "S2"],
    "product_name": ["小麦粉", "面,粉", 'a "b" c', "x\ny", ""],
    "item_name": ["", "铅", "镉"],
    "verdict": ["合格", "不合格", "也许"],
    "published_on": ["2012-06-15", "2012年6月15日", "never"],
}


@st.composite
def spot_check_files(draw: st.DrawFn) -> str:
    """Canonical spot checks with repeats, items, refusals, blank lines, quotes and odd line ends."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = draw(st.lists(st.sampled_from(["title", "", ","]), max_size=3))
    lines.append("programme," + ",".join(CELLS))
    for _ in range(draw(st.integers(1, 25))):
        cells = [draw(st.sampled_from(choice)) for choice in CELLS.values()]
        quoted = ['"' + cell.replace('"', '""') + '"' if set(cell) & set('",\n') else cell for cell in cells]
        lines.append(
            draw(st.sampled_from(["city," + ",".join(quoted)] * 6 + ["", ",,", "programme," + ",".join(CELLS)]))
        )
    text = end.join(lines) + draw(st.sampled_from(["", end, end * 4]))
    return text + draw(st.sampled_from([""] * 4 + ['"']))


@given(spot_check_files(), st.integers(1, 400), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_a_stretch_ends_makes_no_difference(tmp_path: Path, text: str, size: int, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode(encoding))
    file = describe(path, "spot_checks")
    assert fates(file, size) == fates(file, None)


RECORDS = [
    {"region_code": "320282", "period": str(1900 + place), "account": "gdp_current", "value": place / 8, "unit": "亿元"}
    for place in range(120)
]
RECORDS[7]["unit"] = "furlong"
RECORDS[90]["remark"] = "a key that comes late"


@pytest.mark.parametrize("form", ["lines", "gz", "parquet"])
def test_other_formats_are_read_in_stretches_too(tmp_path: Path, form: str) -> None:
    path = tmp_path / "f"
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in RECORDS).encode()
    if form == "parquet":
        pl.DataFrame(RECORDS, infer_schema_length=None).write_parquet(path, row_group_size=30)
    else:
        path.write_bytes(gzip.compress(lines) if form == "gz" else lines)
    file = describe(path, "economic_accounts")
    found = fates(file, SMALL)
    assert found == fates(file, None)
    assert len(list(FileReader(file, SMALL).stretches())) > 5
    frames = found[-1]
    assert [(row["source_row"], row["rule"]) for row in frames["refused"]] == [(8, "unit:unit")]
    assert [row["source_row"] for row in frames["records"]] == [place for place in range(1, 121) if place != 8]


def test_what_a_file_says_of_itself_is_held_against_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    lines = [f"320282,{1000 + place},gdp_current,1,亿元,真实" for place in range(200)]
    path.write_text("region_code,period,account,value,unit,origin\n" + "\n".join([*lines, lines[0][:-2] + "示例"]))
    with pytest.raises(Refusal, match="differ in origin"):
        list(FileReader(describe(path, "economic_accounts"), SMALL).stretches())


def test_a_column_without_a_name_is_refused_wherever_it_holds_something(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    lines = [f"320282,{1000 + place},gdp_current,1,亿元" for place in range(200)]
    path.write_text("region_code,period,account,value,unit\n" + "\n".join([*lines, lines[0] + ",9"]))
    with pytest.raises(Refusal, match="number 6"):
        list(FileReader(describe(path, "economic_accounts"), SMALL).stretches())


def test_raw_rows_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("region_code,period\n1,2\n3,4\n")
    wanted = pl.DataFrame({"source_sheet": [""], "source_row": [3]})
    (found,) = raw_rows(describe(path, "economic_accounts"), wanted)
    assert found.rows() == [("", 3, '{"c0":"3","c1":"4"}')]


def test_a_publication_that_must_be_seen_as_a_whole_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = INBOX.glob("air_readings/air_train*.csv")
    monkeypatch.setattr(bounds, "MAX_WHOLE_BYTES", 10_000)
    with pytest.raises(Refusal, match="can only be understood as a whole"):
        read_file(describe(path, "air_readings"))
