"""Hostile files on purpose, and a whole night over thousands of them: `python tests/support/hostile.py FOLDER 10000`.

Belongs here: building files that somebody made to do harm, putting them into an inbox among damaged and sound ones,
running the night as a process of its own, and accounting for every one. Does not belong here: damage that happens by
itself (`support.damage`), what must hold (`tests/damage/test_hostile_files.py`).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import socket
import stat
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SEED = 20261126
#: What a harmful text would do where it is run: a statement, a page's script, a formula.
SQL = "x'); DROP TABLE meta.night; --"
SCRIPT = "<script>alert('hostile')</script>"
FORMULA = '=HYPERLINK("http://127.0.0.1/"&A1,"click")'

_STATIONS = "code,valid_from,medium,name_zh,region_code\n"
_MEGABYTE = 1000**2


def station(code: str, name: str) -> str:
    """One line of a sound register of stations."""
    quoted = name.replace('"', '""')
    return f'{code},2010-01-01,air,"{quoted}",320282\n'


def _zipped(members: dict[str, bytes], into: Path, level: int = 6) -> None:
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _zip_in_zip(path: Path) -> None:
    inner = (_STATIONS + station("Z", "nested")).encode()
    for layer in range(6):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"layer{layer}.zip" if layer else "stations.csv", inner)
        inner = packed.getvalue()
    path.write_bytes(inner)


def _gzip_in_gzip(path: Path) -> None:
    data = (_STATIONS + station("G", "nested")).encode()
    for _ in range(8):
        data = gzip.compress(data)
    path.write_bytes(data)


def _workbook(path: Path, sheet: bytes, strings: bytes = b"") -> None:
    """The least that is a workbook, around the text of its one sheet."""
    ns = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts = {
        "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
        b'+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b'<?xml version="1.0"?><workbook ' + ns + b' xmlns:r="http://schemas.openxmlformats.org/'
        b'officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
        b'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/'
        b'2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": b'<?xml version="1.0"?>'
        + strings
        + b"<worksheet "
        + ns
        + b"><sheetData>"
        + sheet
        + b"</sheetData></worksheet>",
    }
    _zipped(parts, path, level=1)


_ENTITIES = b"<!DOCTYPE x [<!ENTITY a \"ha\">" + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
) + b"]>"  # fmt: skip


def _xml(body: bytes, doctype: bytes) -> bytes:
    return b'<?xml version="1.0"?>' + doctype + b"<rows><row><code>" + body + b"</code></row></rows>"


def _bytes(data: bytes | str) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(data if isinstance(data, bytes) else data.encode()), None)[1]


def _gzip_bomb(path: Path) -> None:
    """Five GB of lines in five MB."""
    block = (station("B", "bomb") * 25_000).encode()
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(_STATIONS.encode())
        for _ in range(5_000 * _MEGABYTE // len(block)):
            file.write(block)


def _zip_bomb(path: Path) -> None:
    _zipped({"stations.csv": (_STATIONS + station("B", "bomb") * 9_000_000).encode()}, path, level=1)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the address of a socket may have 108 characters only
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("s")
        Path("s").rename(path.name)
    finally:
        os.chdir(here)


#: Kind → ending of its file, and what makes it. Kinds that only a large machine's patience allows are in SLOW.
KINDS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "archive in archive": (".zip", _zip_in_zip),
    "gzip in gzip": (".csv.gz", _gzip_in_gzip),
    "path traversal": (".zip", lambda p: _zipped({"../../../../../../tmp/hostile_out.csv": b"code\n1\n"}, p)),
    "too many members": (".zip", lambda p: _zipped({f"{n}.csv": b"a\n1\n" for n in range(2_500)}, p)),
    "workbook bomb": (".xlsx", lambda p: _workbook(p, b"<row><c><v>1</v></c></row>" * 11_000_000)),
    "entity bomb in a workbook": (".xlsx", lambda p: _workbook(p, b"<row><c><v>&m;</v></c></row>", _ENTITIES)),
    "entity bomb": (".xml", _bytes(_xml(b"&m;", _ENTITIES))),
    "foreign file as entity": (".xml", _bytes(_xml(b"&e;", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'))),
    "a million columns": (".csv", _bytes(("code" + ",x" * _MEGABYTE + "\n") * 2)),
    "a cell of 100 MB": (".csv", _bytes(_STATIONS + station("C", "x" * 100 * _MEGABYTE))),
    "a line of 20 MB": (".csv", _bytes(_STATIONS + "y" * 20 * _MEGABYTE + "\n")),
    "NUL bytes": (".csv", _bytes(_STATIONS.encode() + b"N\x00\x00,2010-01-01,air,\x00,320282\n")),
    "random bytes": (".xlsx", _bytes(random.Random(SEED).randbytes(4_000))),
    "an empty file": (".csv", _bytes(b"")),
    "a workbook that is none": (".xlsx", _bytes(b"PK\x03\x04 nothing")),
    "an unclosed quote": (".csv", _bytes(_STATIONS + 'Q,2010-01-01,air,"' + "line\n" * 5_000)),
    "deep JSON": (".json", _bytes("[" * 200_000 + "]" * 200_000)),
    "SQL in a header": (".csv", _bytes(f'code,"{SQL}"\n1,2\n')),
    "SQL in values": (".csv", _bytes(_STATIONS + station(SQL, SQL))),
    "a formula in values": (".csv", _bytes(_STATIONS + station("F1", FORMULA) + station("F2", "@SUM(1)"))),
    "HTML in values": (".csv", _bytes(_STATIONS + station("H1", SCRIPT))),
    "a link": (".csv", lambda p: p.symlink_to("/etc/passwd")),
    "a link to itself": (".csv", lambda p: p.symlink_to(p.name)),
    "a pipe": (".csv", lambda p: os.mkfifo(p)),
    "a socket": (".csv", _socket),
}
if os.geteuid() == 0:
    KINDS["a device"] = (".csv", lambda p: os.mknod(p, 0o600 | stat.S_IFCHR, os.makedev(1, 5)))
SLOW: dict[str, tuple[str, Callable[[Path], None]]] = {
    "gzip bomb": (".csv.gz", _gzip_bomb),
    "zip bomb": (".zip", _zip_bomb),
}
#: Kinds whose records are data like any other, however they look.
SOUND = ("SQL in values", "a formula in values", "HTML in values", "an unclosed quote")


def names(folder: Path, number: int) -> Path:
    """Names that somebody thought of: quotes, markup, a line break, very long, deep down."""
    plain = f"{number:05}"
    kinds = [
        plain,
        f"{plain}'; DROP TABLE meta.night; --",
        f"{plain}<img src=x onerror=alert(1)>",
        f"{plain}\nline",
        f"{plain} 😈 文件",
        f"{plain}{'n' * 200}",
        "/".join([*("d" * 8,) * 12, plain]),
    ]
    return folder / kinds[number % len(kinds)]


def put(inbox: Path, kind: str, number: int) -> Path:
    """One hostile file of a kind, as a register of stations."""
    ending, make = {**KINDS, **SLOW}[kind]
    stem = names(inbox / "stations", number)
    path = stem.with_name(stem.name + ending)
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)
    return path


@dataclass
class Night:
    """What a night over hostile files took and said."""

    code: int
    seconds: float
    peak_megabytes: float
    told: dict[str, object]
    error: str = ""
    states: Counter[str] = field(default_factory=Counter)


def run(home: Path, inbox: Path, patience: int, memory: str = "1GB") -> Night:
    """The night, as a process of its own; its memory is the largest of all processes waited for so far."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "nightly", "--home", str(home), "--inbox", str(inbox), "--json"],
        capture_output=True, text=True, timeout=patience, check=False, cwd=Path(__file__).parents[2],
        env={**os.environ, "QUALITY_CITY_MEMORY_LIMIT": memory},
    )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / _MEGABYTE
    told = json.loads(done.stdout) if done.stdout.strip() else {}
    return Night(done.returncode, time.perf_counter() - began, peak, told, done.stderr[-2000:])


def _main(folder: Path, count: int) -> None:
    """`count` files: all hostile kinds again and again, damaged variants of real files, one sound file in fifty."""
    from support.damage import variants
    from tests.damage.test_damaged_files import real_files
    from tests.damage.test_hostile_files import unaccounted

    inbox = folder / "inbox"
    written: dict[str, Path] = {}
    hostile = [*SLOW, *_LARGE, *(kind for _ in range(count // 50) for kind in KINDS if kind not in _LARGE)]
    for number, kind in enumerate(hostile[: count // 3]):
        written[f"{number:05} {kind}"] = put(inbox, kind, number)
    damaged = variants(real_files(), count - len(written) - count // 50, SEED)
    for variant in damaged:
        path = inbox / variant.feed / variant.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(variant.data)
        written[f"{variant.name} damaged: {variant.name.split('_')[1]}"] = path
    for number in range(count // 50):
        path = inbox / "stations" / f"sound_{number:05}.csv"
        path.write_text(_STATIONS + station(f"S{number:05}", "sound"))
        written[f"{number:05} sound"] = path
    night = run(folder / "home", inbox, patience=7200)
    lost = unaccounted(folder / "home", inbox, list(written.values()))
    words = f"{len(written):,} files ({len(hostile[: count // 3]):,} hostile), exit code {night.code}"
    took = f"{night.seconds:.0f} s, peak {night.peak_megabytes:,.0f} MB"
    lines = [f"{words}, {took}, not accounted for: {len(lost)}", *lost[:3], night.error if night.code else ""]
    sys.stdout.write("\n".join(lines) + "\n")


_LARGE = ("workbook bomb", "a cell of 100 MB", "a line of 20 MB", "a million columns", "too many members")

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    _main(Path(sys.argv[1]), int(sys.argv[2]))
