"""Files that somebody made to do harm: each is refused in words or is data like any other, and the night goes on.

That a formula is text wherever it leaves the house: `tests/warehouse/test_exports.py` and
`tests/pipelines/test_workbook.py`.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from support import hostile
from support.nights import published
from warehouse.home import open_home

pytestmark = pytest.mark.damage

#: The night may take so much; a bomb of 286 MB of XML alone would take several times as much when unpacked.
MOST_MEGABYTES, PATIENCE = 2000, 300

#: Kind → what its refusal says.
SAID = {
    "archive in archive": "archive",
    "gzip in gzip": "up to 2 layers of gzip",
    "path traversal": "",
    "too many members": "2000",
    "workbook bomb": "256 MiB",
    "entity bomb in a workbook": "",
    "entity bomb": "",
    "foreign file as entity": "",
    "a million columns": "up to 2000 columns",
    "a cell of 100 MB": "characters",
    "a line of 20 MB": "characters",
    "NUL bytes": "",
    "random bytes": "",
    "an empty file": "an empty file",
    "a workbook that is none": "damaged",
    "deep JSON": "nested too deep",
    "SQL in a header": "",
    "a link": "a link",
    "a link to itself": "a link",
    "a pipe": "a pipe, socket or device",
    "a socket": "a pipe, socket or device",
    "a device": "a pipe, socket or device",
}


def ledger(home: Path) -> dict[str, tuple[str, str]]:
    """Name below the inbox → state and reason, of files and of what belongs to no feed."""
    with published(home) as con:
        rows = con.execute("SELECT feed, name, state, reason FROM meta.source_file").fetchall()
    return {(name if feed == "none" else f"{feed}/{name}"): (state, reason or "") for feed, name, state, reason in rows}


def unaccounted(home: Path, inbox: Path, paths: Sequence[Path]) -> list[str]:
    """Files that stand in no row of the ledger, and rows whose records do not balance."""
    known = ledger(home)
    with published(home) as con:
        # The same bytes twice are one file, under its first name.
        digests = {digest for (digest,) in con.execute("SELECT sha256 FROM meta.source_file").fetchall()}
        unbalanced = con.execute(
            "SELECT 'does not balance: ' || name FROM meta.source_file WHERE rows_read <> "
            "rows_accepted + rows_quarantined + rows_duplicate + rows_set_aside"
        ).fetchall()
    lost = [name for (name,) in unbalanced]
    for path in paths:
        name = path.relative_to(inbox).as_posix()
        if name not in known and not (stat.S_ISREG(path.lstat().st_mode) and _digest(path) in digests):
            lost.append(name)
    return lost


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Path], hostile.Night]:
    """A home, its inbox with one file of each kind and a sound one, where they lie, and the night."""
    root = tmp_path_factory.mktemp("hostile")
    inbox = root / "inbox"
    written = {kind: hostile.put(inbox, kind, number) for number, kind in enumerate(hostile.KINDS)}
    written["sound"] = inbox / "stations" / "sound.csv"
    written["sound"].write_text("code,valid_from,medium,name_zh,region_code\n" + hostile.station("S", "好站"))
    return root / "home", inbox, written, hostile.run(root / "home", inbox, PATIENCE)


def test_the_night_ends_in_bounded_memory_and_every_file_is_accounted_for(night: tuple) -> None:
    home, inbox, written, ended = night
    assert ended.code == 0, ended.error
    assert ended.peak_megabytes < MOST_MEGABYTES
    assert unaccounted(home, inbox, list(written.values())) == []
    with published(home) as con:
        names = {name for (name,) in con.execute("SELECT name_zh FROM core.stations").fetchall()}
    assert {"好站", hostile.SQL, hostile.FORMULA, hostile.SCRIPT} <= names  # odd as they look, these are names


@pytest.mark.parametrize("kind", [kind for kind in hostile.KINDS if kind not in hostile.SOUND])
def test_a_hostile_file_is_refused_with_reason_limit_and_what_to_do(night: tuple, kind: str) -> None:
    home, inbox, written, _ = night
    state, reason = ledger(home)[written[kind].relative_to(inbox).as_posix()]
    assert state == "refused", reason
    assert "accepted: " in reason
    assert "to do: " in reason
    assert SAID[kind] in reason


def test_nothing_was_written_outside_and_nothing_was_run(night: tuple) -> None:
    home, _, _, _ = night
    assert not Path("/tmp/hostile_out.csv").exists()
    passwd = Path("/etc/passwd").read_text().splitlines()[0]
    with published(home) as con:
        assert con.execute("SELECT count(*) FROM meta.night").fetchone() == (1,)
        reasons = con.execute("SELECT string_agg(reason, ' ') FROM meta.source_file").fetchone()[0]
    assert passwd not in reasons


def test_markup_in_names_is_text_on_every_page(night: tuple) -> None:
    home, _, _, _ = night
    pages = sorted((open_home(home).published / "report").rglob("*.html"))
    assert pages
    texts = [page.read_text("utf-8") for page in pages]
    assert not any(hostile.SCRIPT in text or "<img src=x" in text for text in texts)
    assert any("&lt;img src=x" in text for text in texts)  # the name is told, as text
