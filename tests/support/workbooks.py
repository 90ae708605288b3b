"""A person's edits of a workbook, made without Excel: texts of cells replaced in the XLSX itself."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

STRINGS = "xl/sharedStrings.xml"


def edited(workbook: Path, cells: Mapping[str, str], into: Path) -> Path:
    """A copy of the workbook in which every cell with one of these texts has the other text.

    Raises `KeyError` for a text that no cell has.
    """
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            data = old.read(member)
            if member == STRINGS:
                text = data.decode()
                for before, after in cells.items():
                    if (cell := f"<t>{escape(before)}</t>") not in text:
                        raise KeyError(before)
                    text = text.replace(cell, f"<t>{escape(after)}</t>")
                data = text.encode()
            new.writestr(member, data)
    return into


def formulas(workbook: Path) -> list[str]:
    """The sheets of a workbook that hold a formula."""
    with zipfile.ZipFile(workbook) as archive:
        return [
            name for name in archive.namelist() if name.startswith("xl/worksheets/") and b"<f>" in archive.read(name)
        ]
