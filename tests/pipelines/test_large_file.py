"""Memory does not grow with a file, and one of 1 GB takes less than 1 GB (that one: `make bench`)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.large_file import Measured, measure, write_readings

SMALL, LARGE = 10, 45


def _loaded(folder: Path, megabytes: int) -> Measured:
    file = folder / f"air_{megabytes}.csv"
    write_readings(file, megabytes)
    return measure(file, folder / f"home_{megabytes}")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = _loaded(tmp_path, SMALL), _loaded(tmp_path, LARGE)
    assert large["rows"] > 3 * small["rows"] > 0
    growth = large["peak_megabytes"] - small["peak_megabytes"]
    # Read as a whole, 35 MB of text more took 430 MB more; DuckDB may fill what it is allowed.
    assert growth < 200, (small, large)
    assert large["peak_megabytes"] < 1000, (small, large)
