"""Which rows a row rests on: links between tables, followed both ways.

Belongs here: for each mart between an indicator and its facts, the condition by which its rows rest on rows
below. Does not belong here: following them (`pipelines.explain`), which columns a column is computed
from (`warehouse.column_lineage`).
"""

from assets.lineage.links import Link
from assets.lineage.subjects import LINKS

__all__ = ["LINKS", "Link"]
