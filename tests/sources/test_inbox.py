"""The inbox: what is a file of a feed, what is a stray, and what is not read again."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import pytest

from sources import inbox as inbox_module
from sources.feeds import FEEDS
from sources.inbox import describe, scan


def put(root: Path, name: str, text: str = "a,b\n1,2\n") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_files_are_listed_by_feed_and_name_with_their_hash(tmp_path: Path) -> None:
    path = put(tmp_path, "water_samples/2021-04/兰山嘴.csv")
    put(tmp_path, "air_readings/b.csv")
    put(tmp_path, "air_readings/a.csv")
    os.utime(path, ns=(0, 1_617_235_200_123_456_789))
    found = scan(tmp_path, {})
    assert [(file.feed, file.name) for file in found.files] == [
        ("air_readings", "a.csv"),
        ("air_readings", "b.csv"),
        ("water_samples", "2021-04/兰山嘴.csv"),
    ]
    assert found.strays == ()
    last = found.files[-1]
    assert last.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (last.size, last.modified_at) == (8, datetime(2021, 4, 1, 8, 0, 0, 123456))


def test_notes_templates_hidden_and_unfinished_files_are_ignored(tmp_path: Path) -> None:
    for name in ("_README.md", "_template.xlsx", ".DS_Store", "a.csv.tmp", "~$a.xlsx", ".sync/a.csv"):
        put(tmp_path, f"regions/{name}")
    put(tmp_path, "_notes.md")
    assert scan(tmp_path, {}) == inbox_module.Scan((), ())


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "regions/a.csv")
    first = scan(tmp_path, {}).files[0]
    known = {("regions", "a.csv"): (first.size, first.modified_at, first.sha256)}
    monkeypatch.setattr(inbox_module, "_sha256", lambda path: pytest.fail("read again"))
    assert scan(tmp_path, known).files == (first,)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = put(tmp_path, "regions/a.csv")
    first = scan(tmp_path, {}).files[0]
    known = {("regions", "a.csv"): (first.size, first.modified_at, first.sha256)}
    path.write_text("a,b\n1,3\n", "utf-8")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    assert scan(tmp_path, known).files[0].sha256 != first.sha256


def test_what_is_no_file_of_a_feed_is_a_stray_and_says_where_it_belongs(tmp_path: Path) -> None:
    put(tmp_path, "loose.csv")
    put(tmp_path, "air/a.csv")
    strays = scan(tmp_path, {}).strays
    assert {stray.file for stray in strays} == {"loose.csv", "air/"}
    assert all(", ".join(FEEDS) in stray.accepted for stray in strays)


def test_links_and_pipes_are_strays_and_are_never_opened(tmp_path: Path) -> None:
    target = put(tmp_path, "regions/a.csv")
    (tmp_path / "regions" / "link.csv").symlink_to(target)
    (tmp_path / "stations").symlink_to(tmp_path / "regions")
    os.mkfifo(tmp_path / "regions" / "pipe.csv")
    found = scan(tmp_path, {})
    assert [file.name for file in found.files] == ["a.csv"]
    assert {stray.file: stray.found for stray in found.strays} == {
        "regions/link.csv": "a link",
        "regions/pipe.csv": "a pipe, socket or device",
        "stations": "a link",
    }


def test_a_single_file_is_described_as_it_would_be_in_its_folder(tmp_path: Path) -> None:
    path = put(tmp_path, "regions/a.csv")
    assert describe(path, "regions") == scan(tmp_path, {}).files[0]
