"""Damaged files are read or refused with a reason: no reader fails, no row is lost, whatever was damaged."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from checks.conservation import lost_rows
from sources.inbox import describe
from sources.outcome import Refusal
from sources.reading import FileReader

SEED, VARIANTS = 2012, 25
ROWS = [
    {"region_code": "320282", "period": str(1900 + n), "account": "gdp_current", "value": n / 8, "unit": "亿元"}
    for n in range(40)
]
LINES = pl.DataFrame(ROWS).write_csv()


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate(LINES.splitlines()):
            sheet.write_row(place, 0, line.split(","))
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(ROWS).write_parquet(out)
    return out.getvalue()


def _cells(before: str, after: str) -> str:
    return "".join(
        f"<tr>{''.join(f'{before}{cell}{after}' for cell in line.split(','))}</tr>" for line in LINES.splitlines()
    )


def _element(row: dict[str, object]) -> str:
    return "<s>" + "".join(f"<{name}>{cell}</{name}>" for name, cell in row.items()) + "</s>"


FORMS: dict[str, Callable[[], bytes]] = {
    "csv": LINES.encode,
    "quoted": lambda: pl.DataFrame(ROWS).write_csv(quote_style="always").encode(),
    "gb18030": lambda: LINES.encode("gb18030"),
    "utf-16": lambda: LINES.encode("utf-16"),
    "gzip": lambda: gzip.compress(LINES.encode()),
    "zip": lambda: _zip(a=LINES.encode(), b=LINES.replace("19", "20").encode()),
    "xlsx": _workbook,
    "parquet": _parquet,
    "html": lambda: f"<html><table>{_cells('<td>', '</td>')}</table></html>".encode(),
    "xml": lambda: f"<r>{''.join(map(_element, ROWS))}</r>".encode(),
    "json": lambda: json.dumps(ROWS, ensure_ascii=False).encode(),
    "json lines": lambda: "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode(),
}


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, cut short, blanked, put in, or lines in another order."""
    bent, at = bytearray(data), chance.randrange(len(data))
    match chance.choice(("flip", "cut", "blank", "put in", "lines")):
        case "flip":
            for _ in range(chance.choice((1, 3, 30))):
                bent[chance.randrange(len(bent))] = chance.randrange(256)
        case "cut":
            del bent[at:]
        case "blank":
            bent[at : at + 20] = bytes(20)
        case "put in":
            bent[at:at] = chance.randbytes(10)
        case _:
            lines = data.split(b"\n")
            chance.shuffle(lines)
            return b"\n".join(lines)
    return bytes(bent)


@pytest.mark.damage
@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, form: str) -> None:
    chance = random.Random(f"{SEED} {form}")
    data = FORMS[form]()
    path = tmp_path / "f"
    read = 0
    for variant in range(VARIANTS + 1):
        path.write_bytes(_damaged(data, chance) if variant else data)
        try:
            reader = FileReader(describe(path, "economic_accounts"), 500)
            rows = 0
            for stretch in reader.stretches():
                assert lost_rows(stretch) == []
                rows += stretch.records.height + stretch.refused.height + stretch.set_aside.height
            assert reader.reading().rows_read == rows
            read += 1
        except Refusal as refusal:
            problem = refusal.problem
            assert problem.found and problem.accepted and problem.action
            assert variant, str(problem)  # undamaged it is read
    assert read > 0
