"""Formats: every one gives the same sheet of text, and a bad file is refused with a useful message."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import xlsxwriter

from sources import bounds
from sources.outcome import Refusal
from sources.readers import read_sheets

ROWS = [["站点", "值"], ["宜园", "0.108"], ["雪浪", "12"]]
TEXT = "\n".join(",".join(row) for row in ROWS)


def sheet(folder: Path, data: bytes, name: str = "f.csv") -> list[list[str | None]]:
    """Rows with their numbers, of a file without sheet names."""
    path = folder / name
    path.write_bytes(data)
    return [list(row) for row in read_sheets(path, name)[""].iter_rows()]


def refused(folder: Path, data: bytes, name: str = "f.csv") -> str:
    with pytest.raises(Refusal) as caught:
        sheet(folder, data, name)
    problem = caught.value.problem
    assert problem.file == name and problem.accepted and problem.action
    return problem.found


EXPECTED = [[number, *row] for number, row in enumerate(ROWS, start=1)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(tmp_path: Path, encoding: str, line_end: str) -> None:
    assert sheet(tmp_path, TEXT.replace("\n", line_end).encode(encoding)) == EXPECTED


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    assert sheet(tmp_path, TEXT.replace(",", delimiter).encode()) == EXPECTED


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz", "f.txt"])
def test_gzip_is_opened_under_any_name(tmp_path: Path, name: str) -> None:
    assert sheet(tmp_path, gzip.compress(TEXT.encode()), name) == EXPECTED


def test_several_gzip_members_follow_each_other(tmp_path: Path) -> None:
    first, second = TEXT[:5], TEXT[5:]
    assert sheet(tmp_path, gzip.compress(first.encode()) + gzip.compress(second.encode())) == EXPECTED


def test_rows_keep_their_line_numbers_below_quoted_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    text = 'a,b\n"x\ny",1\n\n2,"p,""q"""\n3\n'
    assert sheet(tmp_path, text.encode()) == [
        [1, "a", "b"],
        [2, "x\ny", "1"],
        [4, None, None],
        [5, "2", 'p,"q"'],
        [6, "3", None],
    ]


def test_ragged_lines_lose_no_cell(tmp_path: Path) -> None:
    assert sheet(tmp_path, b"title\na,b\n1,2,3,4\n5\n") == [
        [1, "title", None, None, None],
        [2, "a", "b", None, None],
        [3, "1", "2", "3", "4"],
        [4, "5", None, None, None],
    ]


def test_quotation_marks_that_do_not_pair_up_are_characters(tmp_path: Path) -> None:
    assert sheet(tmp_path, b'a,b\n"x,1\n2,3\n') == [[1, "a", "b"], [2, '"x', "1"], [3, "2", "3"]]


def test_a_quotation_mark_that_swallows_rows_is_refused_with_its_row(tmp_path: Path) -> None:
    swallowed = "\n".join(f"{number},1" for number in range(300))
    with pytest.raises(Refusal) as caught:
        sheet(tmp_path, f'a,b\n"x\n{swallowed}\n",2\n'.encode())
    assert caught.value.problem.row == 2


def test_a_workbook_keeps_digits_row_numbers_and_sheets(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        first, second = book.add_worksheet("甲"), book.add_worksheet("乙")
        first.write_string(2, 0, "0061")
        first.write_number(2, 1, 301.7834597692)
        first.write_number(4, 0, 1e-12)
        first.write_number(4, 1, 1234567890123)
        first.write_string(5, 0, "12.50")
        first.write_boolean(5, 1, True)
        second.write_string(0, 0, "x")
    sheets = read_sheets(path, "f.xlsx")
    assert list(sheets) == ["甲", "乙"]
    assert list(sheets["甲"].iter_rows()) == [
        (1, None, None),
        (2, None, None),
        (3, "0061", "301.7834597692"),
        (4, None, None),
        (5, "1e-12", "1234567890123"),
        (6, "12.50", "true"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"thead": ["a", "b"], "tbody": [["x", 1.50], [null, "y"]]}',
        '[{"a": "x", "b": 1.50}, {"b": "y"}]',
        '{"a": "x", "b": 1.50}\n{"b": "y"}\n',
    ],
    ids=["thead and tbody", "list of objects", "lines"],
)
def test_json_shapes_give_one_sheet_and_keep_digits(tmp_path: Path, text: str) -> None:
    assert sheet(tmp_path, text.encode(), "f.json") == [[0, "a", "b"], [1, "x", "1.50"], [2, None, "y"]]


def test_xml_with_undeclared_entities_is_read(tmp_path: Path) -> None:
    text = "<r xmlns:b='u'><b:s><b:A>1</b:A><b:B>&mdash;</b:B></b:s><b:s><b:A>&lt;2</b:A><b:B/></b:s></r>"
    assert sheet(tmp_path, text.encode(), "f.xml") == [[0, "A", "B"], [1, "1", "—"], [2, "<2", None]]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty file"),
        (b"\n\n  \n", "an empty file"),
        (b"[]", "an empty file"),
        (b"<!DOCTYPE html><title>Not Found</title>", 'a web page titled "Not Found"'),
        (b"  <HTML><body>403 Out of quota", "a web page"),
        (b"caf\xff\xff,1\n" * 3, "no text in a known encoding"),
        ("站点,值\n".encode()[:-3] + b"\xff\xff\n", "no text in a known encoding"),
        (b"a,b\n1,\x00\n", "no text in a known encoding"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-12], "damaged packed data"),
        (b"PK\x03\x04 no workbook", "damaged workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", "workbook that cannot be opened"),
        (b'{"a": 1, ', "no JSON"),
        (b'{"a": 1}\n{"a": \n', "no JSON"),
        (b"[1, 2]", "JSON of another shape"),
        (b"<a><b>1</b>", "no XML"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "declares its own entities"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, data: bytes, found: str) -> None:
    assert found in refused(tmp_path, data)


def test_a_file_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_UNPACKED_BYTES", 1 << 22)
    assert "of data" in refused(tmp_path, gzip.compress(b"1,2\n" * (1 << 21)))
