"""A home in bad hands: full and read-only disks, a lost inbox, clocks and locales, lost machines, and secrets.

One small city; its nights are shared by the tests, in the order in which they stand.
"""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines import night as night_module
from pipelines.alerting import steps as alerting_module
from pipelines.alerting.steps import desk_of
from pipelines.backup import BackupError, restore
from pipelines.cli import app
from pipelines.settings import PROJECT, Settings
from support.nights import differences, night, published, state
from warehouse.home import Home, create_home, open_home

RUN = CliRunner()
KEY = "k3yOfTheHook"
SECRETS = {
    "QC_TEST_URL": f"http://127.0.0.1:9/in?key={KEY}",
    "QC_TEST_USER": "user.of.mail",
    "QC_TEST_PASSWORD": "pass word&密",
}
SETTINGS = """\
alerts:
  channels:
    hook: {service: webhook, url: "${QC_TEST_URL}"}
    mail: {service: mail, host: 127.0.0.1, port: 9, security: none, sender: q@example.org, to: [a@example.org],
           user: "${QC_TEST_USER}", password: "${QC_TEST_PASSWORD}"}
  audiences:
    operators: {channels: [hook, mail], operators: true, bodies: [all]}
"""
FIRST = "region_code,year,pollutant,scope,tonnes\n320282,2012,cod,z,55.5\n"
SECOND = "region_code,year,pollutant,scope,tonnes\n320282,2013,cod,z,54\n"
AS_OF = date(2014, 3, 1)
ALL_TABLES = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"


def _run(home: Home, *verb: str, limit: Callable[[], None] | None = None, **environ: str) -> tuple[int, str]:
    """One command in a process of its own: exit code, and everything that it printed."""
    command = [sys.executable, "-m", "pipelines.cli", *verb, "--home", str(home.root)]
    if os.geteuid() == 0 and shutil.which("setpriv"):  # root as well obeys the modes of files
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    shown = subprocess.run(
        command, cwd=PROJECT, capture_output=True, check=False, preexec_fn=limit,
        env={**os.environ, "QUALITY_CITY_AS_OF": str(AS_OF), "QUALITY_CITY_THREADS": "2", **SECRETS, **environ},
    )  # fmt: skip
    return shown.returncode, (shown.stdout + shown.stderr).decode("utf-8")


def _send(home: Home, name: str, text: str) -> None:
    folder = home.inbox / "emissions"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    os.utime(folder / name, (1_400_000_000, 1_400_000_000))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    """The city after its first night, whose messages no channel took; and what that night printed."""
    home = create_home(tmp_path_factory.mktemp("city") / "home", "live")
    home.settings_file.write_text(SETTINGS, "utf-8")
    _send(home, "第一.csv", FIRST)
    _send(home, "拒收.csv", "alpha,beta\n1,2\n")
    code, printed = _run(home, "nightly")
    assert code == 0, printed
    return home, printed


@pytest.fixture(scope="module")
def archive(first: tuple[Home, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    home, _ = first
    folder = tmp_path_factory.mktemp("backups")
    shown = RUN.invoke(app, ["backup", str(folder), "--home", str(home.root)])
    assert shown.exit_code == 0, shown.output
    (made,) = folder.iterdir()
    assert made.stat().st_mode & 0o077 == 0
    return made


@pytest.fixture(scope="module")
def drilled(first: tuple[Home, str], archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The city on another machine: restored, and after an undisturbed night with the second file."""
    root = tmp_path_factory.mktemp("drill") / "home"
    shown = RUN.invoke(app, ["restore", str(archive), str(root)])
    assert shown.exit_code == 0, shown.output
    home = open_home(root)
    assert differences(state(first[0].root), state(root)) == {}
    with desk_of(Settings(home=root), home) as here, desk_of(Settings(home=first[0].root), first[0]) as there:
        assert here.store.alerts() == there.store.alerts() != []
        assert here.store.waiting() == there.store.waiting() > 0
        assert here.store.nights() == there.store.nights()
    _send(home, "第二.csv", SECOND)
    assert night(root, as_of=AS_OF, report=False).published
    return home


def test_no_secret_is_written_or_printed(first: tuple[Home, str], archive: Path) -> None:
    home, printed = first
    outputs = [printed]
    for verb in (("alerts", "send"), ("alerts", "list"), ("alerts", "test"), ("health", "--json")):
        outputs.append(_run(home, *verb)[1])
    assert "hook" in outputs[1] + outputs[3]
    with desk_of(Settings(home=home.root), home) as desk:
        assert set(desk.store.failing()) == {"hook", "mail"}
    forms = {form.encode() for secret in SECRETS.values() for form in (secret, quote(secret, safe=""), quote(secret))}
    forms |= {KEY.encode()} | {json.dumps(secret)[1:-1].encode() for secret in SECRETS.values()}
    written = [path for path in home.root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(written) > 20
    assert any("dagster" in str(path) for path in written)
    for path in [*written, archive]:
        assert not [form for form in forms if form in path.read_bytes()], path
    assert not [form for form in forms for output in outputs if form in output.encode()]
    for database in (home.database, home.published_database):  # what stands in there may be compressed
        with duckdb.connect(str(database.resolve()), read_only=True) as con:
            tables = [f'"{a}"."{b}"' for a, b in con.execute(ALL_TABLES).fetchall()]
            assert '"mart"."alert"' in tables
            for table in tables:
                found = con.execute(f"SELECT entry FROM {table} AS entry").fetchall()
                assert not [form for form in forms if form.decode() in str(found)], table


def test_a_lost_machine_goes_on_from_its_backup(drilled: Home) -> None:
    with published(drilled.root) as con:
        assert con.execute("SELECT year FROM core.emissions ORDER BY 1").fetchall() == [(2012,), (2013,)]


def test_a_damaged_or_unfinished_backup_is_refused_and_nothing_is_left(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    place = whole.index(b"55.5")  # inside the file of the inbox
    for name, content, says in (
        ("damaged.tar", whole[:place] + b"99.9" + whole[place + 4 :], r"第一\.csv differ"),
        ("unfinished.tar", whole[: len(whole) // 2], "backup"),
        ("other.tar", b"no archive", "cannot be read"),
    ):
        copy = tmp_path / name
        copy.write_bytes(content)
        with pytest.raises(BackupError, match=says):
            restore(copy, tmp_path / "home", lambda _: None)
        assert [path.suffix for path in tmp_path.iterdir() if path.is_dir()] == []
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    shown = RUN.invoke(app, ["restore", str(archive), str(tmp_path / "full")])
    assert (shown.exit_code, "is not empty" in shown.stderr) == (2, True)


def _full(home: Home) -> Callable[[], None]:
    size = home.database.stat().st_size
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))


def _modes(home: Home, writable: bool) -> None:
    for folder in (home.work, home.work / "dagster", home.published, home.nights, home.logs):
        folder.chmod(0o700 if writable else 0o500)
    for file in (home.database, home.work / "alerts.sqlite", home.work / "lock"):
        file.chmod(0o600 if writable else 0o400)


def test_faults_of_the_machine_fail_the_night_in_words_and_the_next_one_repairs_all(
    first: tuple[Home, str], drilled: Home, tmp_path: Path
) -> None:
    """Full disk, read-only disk, no permission, vanished inbox; then a night in another zone and locale C."""
    shutil.copytree(first[0].root, tmp_path / "home", symlinks=True)
    home = open_home(tmp_path / "home")
    seen = home.current.readlink()
    _send(home, "第二.csv", SECOND)

    def faulty(says: str, limit: Callable[[], None] | None = None) -> None:
        code, printed = _run(home, "nightly", limit=limit)
        assert code == 1, printed
        assert "quality-city: the night did not publish; what analysts see is unchanged" in printed
        assert says in printed
        assert "Traceback" not in printed
        assert home.current.readlink() == seen
        with published(home.root) as con:
            assert con.execute("SELECT year FROM core.emissions").fetchall() == [(2012,)]

    faulty("File too large", _full(home))
    _modes(home, writable=False)
    faulty("Permission denied")
    _modes(home, writable=True)
    home.work.chmod(0)
    faulty("Permission denied")
    home.work.chmod(0o700)
    home.inbox.chmod(0)
    faulty("inbox: Permission denied for ")
    home.inbox.chmod(0o755)
    home.inbox.rename(home.root / "away")
    faulty("is not there; is its disk or share mounted?")
    (home.root / "away").rename(home.inbox)
    code, printed = _run(home, "nightly", TZ="America/New_York", LC_ALL="C", LANG="C", QUALITY_CITY_REPORT="false")
    assert code == 0, printed
    assert "已发布" in printed
    assert differences(state(drilled.root), state(home.root)) == {}
    with desk_of(Settings(home=home.root), home) as desk:
        failed = [alert for alert in desk.store.alerts() if alert.rule == "night_failed"]
    assert failed and not any(alert.open for alert in failed)


def test_what_may_not_be_read_in_the_inbox_is_named_and_the_rest_is_loaded(
    first: tuple[Home, str], tmp_path: Path
) -> None:
    shutil.copytree(first[0].root, tmp_path / "home", symlinks=True)
    home = open_home(tmp_path / "home")
    _send(home, "第二.csv", SECOND)
    _send(home, "关.csv", SECOND.replace("2013", "2014"))
    (home.inbox / "regions").mkdir()
    shut = (home.inbox / "emissions" / "关.csv", home.inbox / "regions")
    for path in shut:
        path.chmod(0)
    code, printed = _run(home, "nightly", QUALITY_CITY_REPORT="false", COLUMNS="400")
    assert code == 0, printed
    assert "emissions/关.csv: found it cannot be read (Permission denied)" in printed
    assert "grant read permission" in printed
    with published(home.root) as con:
        assert con.execute("SELECT max(year) FROM core.emissions").fetchall() == [(2013,)]
    for path in shut:
        path.chmod(0o755)
    (home.inbox / "emissions").chmod(0)  # a whole feed: nothing is new, and nothing that lay there is forgotten
    code, printed = _run(home, "nightly", QUALITY_CITY_REPORT="false")
    assert code == 0, printed
    with desk_of(Settings(home=home.root), home) as desk:
        refused = [alert for alert in desk.store.alerts() if alert.indicator.endswith("拒收.csv")]
    assert refused and all(alert.open for alert in refused)
    (home.inbox / "emissions").chmod(0o755)
    code, printed = _run(home, "nightly", QUALITY_CITY_REPORT="false")
    assert code == 0, printed
    with published(home.root) as con:
        assert con.execute("SELECT max(year) FROM core.emissions").fetchall() == [(2014,)]


#: Runs nights on a real disk of its own, which is full, then read-only, then neither; says what each of them said.
NIGHTS_ON_A_SMALL_DISK = """mount -t tmpfs -o size=$SIZE tmpfs "$DISK" || exit 3
export QUALITY_CITY_HOME="$DISK/home"
cp -a "$COPIED" "$QUALITY_CITY_HOME"
a_night() {
  "$PYTHON" -m pipelines.cli nightly 2> "$SAID/$1"; echo $? >> "$SAID/$1"
  readlink "$QUALITY_CITY_HOME/published/current" >> "$SAID/$1"
  find "$QUALITY_CITY_HOME/published" -name '*.tmp' >> "$SAID/$1"
}
for free in 8000 0; do
  head -c $(( ($(df -k --output=avail "$DISK" | tail -1) - free) * 1024 )) /dev/zero > "$DISK/filler"
  a_night full-$free
  "$PYTHON" -m pipelines.cli health > "$SAID/health-$free" 2>&1
  [ $free = 8000 ] || "$PYTHON" -m pipelines.cli withdraw 第一.csv --reason wrong > "$SAID/withdraw" 2>&1
  rm "$DISK/filler"
done
mount -o remount,ro "$DISK"
a_night readonly
mount -o remount,rw "$DISK"
a_night good
cp -a "$QUALITY_CITY_HOME" "$SAID/home"
"""


def test_a_real_full_disk_and_a_real_read_only_disk(first: tuple[Home, str], drilled: Home, tmp_path: Path) -> None:
    for name in ("disk", "said"):
        (tmp_path / name).mkdir()
    shutil.copytree(first[0].root, tmp_path / "home", symlinks=True)
    home = open_home(tmp_path / "home")
    _send(home, "第二.csv", SECOND)
    taken = sum(path.stat().st_size for path in home.root.rglob("*") if path.is_file() and not path.is_symlink())
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run(
        [*own, "sh", "-c", NIGHTS_ON_A_SMALL_DISK], cwd=PROJECT, capture_output=True, text=True, check=False,
        env={
            **os.environ, **SECRETS, "QUALITY_CITY_AS_OF": str(AS_OF), "QUALITY_CITY_THREADS": "2",
            "QUALITY_CITY_REPORT": "false", "SIZE": str(taken + (100 << 20)), "DISK": str(tmp_path / "disk"),
            "COPIED": str(home.root), "SAID": str(tmp_path / "said"), "PYTHON": sys.executable,
        },
    )  # fmt: skip
    if done.returncode in (1, 3) and not list((tmp_path / "said").iterdir()):
        pytest.skip(
            f"no disk may be mounted here ({done.stderr.strip()}); a limit on file sizes stands in for it above"
        )
    assert done.returncode == 0, done.stderr
    seen = str(home.current.readlink())
    for name, says in (("full-0", "free some space"), ("full-8000", "free some space"), ("readonly", "Read-only file")):
        said = (tmp_path / "said" / name).read_text("utf-8")
        *_, message, code, current = said.splitlines()  # nothing unfinished is left after it
        assert message.startswith("quality-city: the night did not publish; what analysts see is unchanged: "), said
        assert says in message
        assert (code, current) == ("1", seen)
        assert "Traceback" not in said
    for name in ("health-0", "health-8000"):
        said = (tmp_path / "said" / name).read_text("utf-8")
        assert "Traceback" not in said
        assert "BAD  disk: " in said
    withdrawal = (tmp_path / "said" / "withdraw").read_text("utf-8")
    assert "Traceback" not in withdrawal, withdrawal
    assert withdrawal.splitlines()[-1].startswith("quality-city: ")
    assert os.strerror(errno.ENOSPC) in withdrawal
    *_, code, current = (tmp_path / "said" / "good").read_text("utf-8").splitlines()
    assert code == "0"
    assert current != seen
    assert differences(state(drilled.root), state(tmp_path / "said" / "home")) == {}


def test_a_clock_set_back_to_a_leap_day_publishes_and_forgets_no_night(
    drilled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with published(drilled.root) as con:
        before = con.execute("SELECT night_id FROM meta.night ORDER BY 1").fetchall()
    assert len(before) == 2
    _send(drilled, "第三.csv", SECOND.replace("2013", "2014"))
    back = datetime(2016, 2, 29, 2, 0)
    with monkeypatch.context() as patched:
        for module in (night_module, alerting_module):
            patched.setattr(module, "local_now", lambda: back)
        made = night(drilled.root, as_of=back.date(), report=False)
    assert made.published
    assert made.night_id == drilled.current.readlink().name == "20160229-020000-000000"
    assert not night(drilled.root, as_of=back.date(), report=False).published  # the clock is right again: nothing to do
    with published(drilled.root) as con:
        after = con.execute("SELECT night_id FROM meta.night ORDER BY 1").fetchall()
        assert con.execute("SELECT max(year) FROM core.emissions").fetchall() == [(2014,)]
    assert after == [(made.night_id,), *before]


def _mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_modes_do_not_depend_on_the_umask(drilled: Home, tmp_path: Path, umask: int) -> None:
    """Analysts read what is published and write nothing; nobody else sees what the pipeline works on."""
    before = os.umask(umask)
    try:
        home = create_home(tmp_path / "home", "live")
        _send(home, "第一.csv", FIRST)
        assert night(home.root, as_of=AS_OF, report=umask == 0).published
        archive = tmp_path / "backup.tar"
        assert RUN.invoke(app, ["backup", str(archive), "--home", str(home.root)]).exit_code == 0
        assert RUN.invoke(app, ["restore", str(archive), str(tmp_path / "again")]).exit_code == 0
    finally:
        os.umask(before)
    for place in (home, open_home(tmp_path / "again")):
        assert [_mode(path) for path in (place.root, place.published, place.nights)] == ["0o755"] * 3
        assert (_mode(place.work), _mode(place.logs)) == ("0o700", "0o750")
        made = list(place.current.resolve().rglob("*"))
        assert len(made) >= 3
        assert {_mode(path) for path in (place.current.resolve(), *made) if path.is_dir()} == {"0o755"}
        assert {_mode(path) for path in made if path.is_file() and path.name != "warehouse.duckdb"} == {"0o644"}
        assert _mode(place.published_database) == "0o444"


def test_every_web_server_that_is_started_is_on_this_machine_alone() -> None:
    """Dagster's pages ask for no password. That loopback is also Dagster's default: test_webserver."""
    texts = [PROJECT / "Makefile", *(PROJECT / "deploy").iterdir(), *(PROJECT / "docs").glob("*.md")]
    lines = [line for path in texts for line in path.read_text("utf-8").splitlines()]
    started = [line for line in lines if re.search(r"\bdagster(-webserver| dev) -", line)]
    assert len(started) >= 2
    assert [line for line in started if "-h 127.0.0.1" not in line] == []
