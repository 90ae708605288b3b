"""Reading needs Polars and nothing heavier: the empty night and `check` stay quick."""

from __future__ import annotations

import subprocess
import sys

FORBIDDEN = (
    "duckdb",
    "dagster",
    "pandas",
    "ibis",
    "great_expectations",
    "pyarrow",
    "warehouse",
    "checks",
    "assets",
)

PROGRAM = f"""
import importlib, pkgutil, sys
import sources
for module in pkgutil.walk_packages(sources.__path__, "sources."):
    importlib.import_module(module.name)
print([name for name in {FORBIDDEN} if name in sys.modules])
"""


def test_importing_all_of_sources_pulls_in_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
