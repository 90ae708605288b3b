"""What a memory limit governs: DuckDB's and loading's share of it; and what is spilled to disk goes away again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sources.bounds import STRETCH_BYTES
from support.small_warehouse import open_warehouse
from warehouse.home import create_home
from warehouse.store import LOAD_MEMORY, Warehouse

#: Sorts more than its memory holds, then is killed before it can tidy up.
_SPILLS = """
import os, sys
from pathlib import Path
from warehouse.home import open_home
from warehouse.store import Warehouse
warehouse = Warehouse(open_home(Path(sys.argv[1])), memory_limit="60MB", threads=1)
warehouse.con.execute("CREATE TEMP TABLE t AS SELECT hash(i) AS h, 'text of ' || i AS s FROM range(3000000) r(i)")
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_night_spilled_is_removed_by_the_next(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    Warehouse(home).close()
    subprocess.run([sys.executable, "-c", _SPILLS, str(home.root)], check=False, cwd=Path(__file__).parents[2])
    spill = home.work / "spill"
    assert any(path.stat().st_size for path in spill.iterdir()), "nothing was spilled: the test shows nothing"
    Warehouse(home).close()
    assert list(spill.iterdir()) == []


def test_memory_and_threads_reach_duckdb_and_spill_below_the_home(tmp_path: Path) -> None:
    home = create_home(tmp_path / "home", "live")
    with Warehouse(home, memory_limit="3GB", threads=1) as warehouse:
        settings = {name: warehouse.value(f"SELECT current_setting('{name}')") for name in ("threads", "memory_limit")}
        assert settings == {"threads": 1, "memory_limit": "2.7 GiB"}
        assert warehouse.value("SELECT current_setting('temp_directory')") == str(home.work / "spill")
        cursor = warehouse.con.cursor()  # what Great Expectations is lent
        assert cursor.execute("SELECT current_setting('memory_limit')").fetchall() == [("2.7 GiB",)]
        assert warehouse.load_memory == 1_500_000_000


def test_loading_is_small_where_nobody_set_a_limit(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        assert warehouse.load_memory == LOAD_MEMORY
        assert LOAD_MEMORY // 100 <= STRETCH_BYTES


@pytest.mark.parametrize(
    ("asked", "held"), [(500 * 1000**2, "476.8 MiB"), (10 * 1000**3, "2.7 GiB"), (None, "2.7 GiB")]
)
def test_a_smaller_limit_holds_within_a_block_and_never_more_than_the_settings(
    tmp_path: Path, asked: int | None, held: str
) -> None:
    with Warehouse(create_home(tmp_path / "home", "live"), memory_limit="3GB") as warehouse:
        for _ in range(5):  # what DuckDB tells is rounded: set again and again to it, it would shrink
            with warehouse.memory(asked):
                assert warehouse.value("SELECT current_setting('memory_limit')") == held
        assert warehouse.value("SELECT current_setting('memory_limit')") == "2.7 GiB"


def test_without_a_limit_a_block_ends_where_it_began(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as warehouse:
        before = warehouse.value("SELECT current_setting('memory_limit')")
        with warehouse.memory(300 * 1000**2), warehouse.memory(None):
            assert warehouse.value("SELECT current_setting('memory_limit')") == before
        assert warehouse.value("SELECT current_setting('memory_limit')") == before
