"""Our own numbers against published ones, as several pages show them.

Belongs here: the table of mart.agreement. Does not belong here: why numbers differ (`docs/where-we-differ.md`).
"""

from __future__ import annotations

from pipelines.report.night import Night
from pipelines.report.parts import Grid, Words, columns, figure, text


def agreement_grid(night: Night, *subjects: str) -> Grid:
    """Rows of mart.agreement whose subject holds one of the words."""
    rows = [
        [
            text(row["series"]),
            text(f"{row['subject']} {row['period']}".strip()),
            figure(row["records"]),
            figure(row["compared"]),
            figure(row["equal"]),
            figure(100 * row["equal"] / row["compared"] if row["compared"] else None, "%"),
            text(row["classes"]),
        ]
        for row in night.rows("FROM mart.agreement ORDER BY subject, series, period")
        if any(word in row["subject"] for word in subjects)
    ]
    names = columns(
        ("发布序列", "Publication"),
        ("内容", "What"),
        ("记录数", "Records", True),
        ("可比较", "Compared", True),
        ("相等", "Equal", True),
        ("一致率", "Agreement", True),
        ("差异类别", "Classes of difference"),
    )
    empty = Words("没有可比较的发布值。", "No published value to compare with.")
    return Grid(Words("与发布值的一致情况", "Agreement with published values"), names, rows, empty)
