"""Text in blocks, and what its survey says of blanks: whatever the bytes, nothing is cut, lost or left untrimmed."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.outcome import Refusal
from sources.readers import bounds, open_file
from sources.readers.content import Content
from sources.readers.text import Text

_ENCODINGS = st.sampled_from(["utf-8", "utf-16", "gb18030"])


def _content(data: bytes) -> Content:
    return Content("x.csv", lambda: io.BytesIO(data))


@given(st.text(st.sampled_from("ab,宜\r\n"), max_size=60), _ENCODINGS, st.integers(1, 9))
def test_blocks_of_any_size_are_whole_lines_of_the_same_text(written: str, encoding: str, size: int) -> None:
    blocks = list(Text(_content(written.encode(encoding)), encoding).blocks(size))
    assert "".join(blocks) == written.replace("\r\n", "\n").replace("\r", "\n")
    assert all(block.endswith("\n") for block in blocks[:-1])
    assert all(blocks)


def test_a_text_without_line_ends_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_LINE_CHARACTERS", 100)
    with pytest.raises(Refusal, match="a line of more than 100 characters"):
        list(Text(_content(b"a" * 1000), "utf-8").blocks(10))


#: Cells with every kind of blank that can stand at an end: space, tab, form feed, no-break, en quad, ideographic.
_CELLS = st.text(st.sampled_from("a1宜 \t\x0c\xa0\u2000\u3000"), max_size=3)


@given(
    st.lists(st.lists(_CELLS, min_size=2, max_size=3), min_size=1, max_size=5), st.sampled_from(",\t|;"), st.booleans()
)
def test_a_file_that_is_called_trimmed_has_no_blank_at_the_end_of_a_cell(
    rows: list[list[str]], delimiter: str, quoted: bool
) -> None:
    lines = [delimiter.join(f'"{cell}"' if quoted else cell for cell in row) for row in [["k", "v", "w"], *rows]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text("\n".join(lines), "utf-8")
        opened = open_file(path, path.name)
    if opened.trimmed:
        cells = [cell for row in opened.heads[""].rows() for cell in row[1:] if cell is not None]
        assert cells == [cell.strip() for cell in cells]


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        ("code,at,value\nA1,2012-01-01 08:00,3.5\nA2,2012-01-01 09:00,\n", True),
        ("站点,时刻,值\n宜园,2012-01-01 08:00,3.5\n", True),
        ("code,value\nA1, 3.5\n", False),
        ("code,value\nA1 ,3.5\n", False),
        ("code,value\n A1,3.5\n", False),
        ("code,value\nA1,3.5 ", False),
        (" code,value\nA1,3.5", False),
        ('code,value\n"A1 ",3.5\n', False),
        ("code\tvalue\nA1\t3.5\n", True),
        ("code\tvalue\nA1\t\t3.5\n", False),  # a tab is a delimiter and a blank: looked at rather than believed
        ("code,value\nA1\u3000,3.5\n", False),
    ],
)
def test_blanks_at_the_ends_of_cells_are_seen(tmp_path: Path, text: str, trimmed: bool) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")
    assert open_file(path, path.name).trimmed is trimmed
