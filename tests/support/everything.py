"""Every file of the shared data folder in one inbox, one night over it, and the table of what became of it.

The night takes minutes, so the tests of one run share it, whichever worker comes first.

Belongs here: which folder of the shared data goes to which feed, and the table of docs/publications.md.
Does not belong here: what must hold (`tests/pipelines/test_everything.py`).

`PYTHONPATH=.:tests python -m support.everything` writes the table into the page again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sources.adapters import ADAPTERS, also_reading
from support.nights import night, published
from tests.sources.adapters.foreign_inspection import FOREIGN_INSPECTION
from tests.sources.adapters.foreign_water import FOREIGN_WATER
from tests.sources.adapters.owid import OWID

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "publications.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"

FOREIGN = (*FOREIGN_INSPECTION, *FOREIGN_WATER, OWID)

#: The beginning of a path in the shared data → the feeds whose folder the file goes into.
_FEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("air/", ("air_readings",)),
    ("water/", ("water_samples",)),
    ("energy/ceads_co2/", ("emissions",)),
    ("energy/ceads_energy/", ("energy_use",)),
    ("energy/nbs/waste_", ("emissions",)),
    ("energy/nbs/", ("economic_accounts",)),
    ("energy/owid/", ("statistical_returns",)),
    ("energy/published/energy_communique", ("statistical_returns",)),
    ("energy/published/panel", ("economic_accounts", "energy_use")),
    ("inspection/official_summaries/", ("pass_rates",)),
    ("inspection/", ("spot_checks",)),
    ("yixing/regions", ("regions",)),
    ("yixing/", ("statistical_returns",)),
)

#: Notes about the data, not data.
_NOTES = frozenset({"README.md", "MANIFEST.tsv", "SHA256SUMS"})


def files() -> Iterator[tuple[str, Path]]:
    """(feed, path) of every file of the shared data that is not a note about it."""
    for path in sorted(path for path in SHARED.rglob("*") if path.is_file() and path.name not in _NOTES):
        inside = path.relative_to(SHARED).as_posix()
        for feed in next(feeds for start, feeds in _FEEDS if inside.startswith(start)):
            yield feed, path


def one_night(root: Path) -> Path:
    """A live home whose one night took in everything; the foreign publications by the tests' adapters."""
    for feed, path in files():
        target = root / "inbox" / feed / path.relative_to(SHARED)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    with also_reading(*FOREIGN):
        night(root / "home", inbox=root / "inbox", as_of="2016-01-01")
    return root / "home"


def shared_home(factory: pytest.TempPathFactory) -> Path:
    """The home of `one_night`, made by the first test that asks; workers of one run wait for it."""
    base = factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "everything"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "done").exists():
            one_night(root)
            (root / "done").touch()
    return root / "home"


def twins(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(name, name of the entry) of files whose bytes stand in the ledger under another name: one file to a feed."""
    entries = {
        (feed, sha256): name
        for feed, name, sha256 in con.execute("SELECT feed, name, sha256 FROM meta.source_file").fetchall()
    }
    named = ((feed, path.relative_to(SHARED).as_posix(), path) for feed, path in files())
    found = ((name, entries[feed, hashlib.sha256(path.read_bytes()).hexdigest()]) for feed, name, path in named)
    return [(name, entry) for name, entry in found if name != entry]


def table(con: duckdb.DuckDBPyConnection) -> str:
    """What became of every publication, and why records and files were not taken, as Markdown."""
    names = {adapter.series: adapter for adapter in (*ADAPTERS, *FOREIGN)}
    loaded = con.execute(
        "SELECT feed, adapter, count(*), sum(rows_read), sum(rows_accepted), sum(rows_quarantined), "
        "sum(rows_duplicate), sum(rows_set_aside) FROM meta.source_file WHERE state = 'loaded' "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    lines = [
        "| publication | feed | files | records | accepted | quarantined | duplicate | set aside |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {names[adapter].zh} · {names[adapter].en} | `{feed}` | " + " | ".join(f"{n:,}" for n in counts) + " |"
            for feed, adapter, *counts in loaded
        ),
    ]
    asides = con.execute(
        "SELECT adapter, regexp_replace(s.reason, '[0-9]{4}-[0-9]{2}-[0-9]{2} to .*', 'the days of the file'), "
        "sum(rows)::BIGINT FROM meta.set_aside s JOIN meta.source_file USING (source_file_id) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    refusals = con.execute(
        " UNION ALL ".join(
            f"SELECT adapter, rule, count(*) FROM quarantine.{feed} JOIN meta.source_file USING (source_file_id) "
            "GROUP BY ALL"
            for feed in sorted({feed for feed, *_ in loaded})
        )
        + " ORDER BY ALL"
    ).fetchall()
    for title, rows in (("set aside because", asides), ("quarantined by rule", refusals)):
        lines += ["", f"| publication | {title} | records |", "|---|---|---:|"]
        lines += [f"| `{adapter}` | {why} | {count:,} |" for adapter, why, count in rows]
    refused = con.execute(
        "SELECT name, regexp_extract(replace(reason, chr(10), ' '), 'found:? ?(.*?)(;? accepted:|$)', 1) "
        "FROM meta.source_file WHERE state <> 'loaded' ORDER BY name"
    ).fetchall()
    lines += ["", "| file refused whole | what was found |", "|---|---|"]
    lines += [f"| `{name}` | {found.replace('|', '/').strip().rstrip(';')} |" for name, found in refused]
    lines += ["", "| the same bytes as another file | which |", "|---|---|"]
    lines += [f"| `{name}` | `{entry}` |" for name, entry in twins(con)]
    return "\n".join(lines)


def written() -> str:
    """The table as the page has it."""
    return PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()


def main() -> None:
    """Write the table into the page again."""
    with tempfile.TemporaryDirectory() as folder, published(one_night(Path(folder))) as con:
        before, after = PAGE.read_text("utf-8").split(BEGIN)[0], PAGE.read_text("utf-8").split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{table(con)}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
