"""Settings: from the environment, from the home's settings.yaml, and defaults, in that order.

Belongs here: every knob of the pipeline, with its type and meaning. Does not belong here: numbers of
a standard or a plan (`assets/standards`, `assets/plans`), secrets (environment only, where used).
"""

from __future__ import annotations

import os
import re
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.alerting.settings import AlertSettings
from sources import bounds
from sources.errors import MendableError

PROJECT = Path(__file__).resolve().parents[1]
SAMPLE_INBOX = PROJECT / "samples" / "inbox"
SAMPLE_TOWN_PLAN = PROJECT / "samples" / "plans" / "example-towns.yaml"
DEFAULT_PLAN = PROJECT / "assets" / "plans" / "yixing-2012.yaml"
DEFAULT_BODIES = PROJECT / "assets" / "plans" / "responsible-bodies.yaml"
ZONE = ZoneInfo("Asia/Shanghai")

ENV_PREFIX = "QUALITY_CITY_"
#: The night that runs in this process; empty when none does, or none has its id yet.
NIGHT_ID: ContextVar[str] = ContextVar("night_id", default="")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B")


class SettingsError(MendableError):
    """A setting is wrong; the message names it, what was found, what is accepted. Exit code 2."""


class LimitSettings(BaseModel):
    """How much of one file is read; what is beyond is refused with the name of its setting."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unpacked_bytes: PositiveInt = Field(default=bounds.MAX_UNPACKED_BYTES, description="bytes of one file, unpacked")
    whole_bytes: PositiveInt = Field(
        default=bounds.MAX_WHOLE_BYTES,
        description="bytes held in memory: workbooks, XML, JSON that is no lines",
    )
    columns: PositiveInt = Field(default=bounds.MAX_COLUMNS, description="columns of a sheet")
    cell_characters: PositiveInt = Field(default=bounds.MAX_CELL_CHARACTERS, description="characters of a cell")
    line_characters: PositiveInt = Field(default=bounds.MAX_LINE_CHARACTERS, description="characters of a line of text")
    lines_in_cell: PositiveInt = Field(default=bounds.MAX_LINES_IN_CELL, description="lines of a quoted cell")
    members: PositiveInt = Field(default=bounds.MAX_MEMBERS, description="files in an archive")
    layers: PositiveInt = Field(default=bounds.MAX_LAYERS, description="gzip within gzip")


class SparkSettings(BaseModel):
    """The cluster of `engine: spark`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    master: str = Field(default="local[*]", description="the cluster as Spark writes it, e.g. spark://10.0.0.5:7077")
    lake: Path | None = Field(
        default=None,
        description="folder of the Parquet files, at one path on every machine; default: work/lake of the home",
    )
    portions_from: int = Field(
        default=100_000, ge=0, description="portions of a mart (a station's days, say) of which fewer stay with DuckDB"
    )
    options: dict[str, str] = Field(
        default={}, description="options of Spark, e.g. spark.executor.memory: 8g, spark.driver.host: 10.0.0.4"
    )


class Settings(BaseSettings):
    """Every setting; the variable is QUALITY_CITY_ and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True)

    home: Path = Field(Path("var"), description="the home to work on")
    inbox: Path | None = Field(None, description="inbox to read instead of the home's own")
    plan: Path | None = Field(
        None,
        description="plan file, or folder of plans and amendments; default: the home's plans/, else the bundled plan",
    )
    responsible_bodies: Path | None = Field(None, description="file of the city that names who answers for what")
    as_of: date | None = Field(None, description="date on which statuses are judged; default: today, Asia/Shanghai")
    keep_nights: int = Field(30, ge=1, description="published nights to keep besides the last of each month")
    memory_limit: str = Field(
        "", description="memory limit of DuckDB, e.g. 3GB, of which loading takes half; empty: most of the machine"
    )
    threads: int = Field(0, ge=0, description="threads of DuckDB, and of Polars; 0: one per core")
    compiled: Path | None = Field(
        None, description="folder of compiled SQL, which several homes may share; default: work/compiled of the home"
    )
    report: bool = Field(True, description="whether a published night gets its report (published/report)")
    lock_wait_seconds: float = Field(60.0, ge=0, description="how long to wait for another writer of the home")
    engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="what computes the heavy marts: this machine, or a Spark cluster (docs/scale.md)"
    )
    spark: SparkSettings = Field(SparkSettings(), description="the cluster of engine spark: docs/scale.md")
    log: Literal["text", "json"] = Field("text", description="progress of a night on standard error: text or json")
    limits: LimitSettings = Field(LimitSettings(), description="how much of one file is read: docs/quarantine.md")
    alerts: AlertSettings = Field(
        default_factory=AlertSettings, description="channels and audiences of alerts: docs/alerts.md"
    )

    @field_validator("memory_limit")
    @classmethod
    def _memory(cls, value: str) -> str:
        if value and not _MEMORY.fullmatch(value.strip()):
            raise ValueError("give a number and a unit, for example 3GB")
        return value

    @property
    def judged_on(self) -> date:
        """The as-of date: the setting, or today in the city's zone."""
        return self.as_of or datetime.now(ZONE).date()


def load_settings(**given: Any) -> Settings:
    """Settings for one command: `given` (command line) over environment over settings.yaml over defaults.

    The limits of files hold for the process from here on, and the threads for Polars where it is not imported yet: it
    asks once. Raises `SettingsError` with one line per wrong setting.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        from_environment = Settings(**chosen)
        stored = _stored(from_environment.home / "settings.yaml")
        explicit = from_environment.model_fields_set
        settings = Settings(**{**stored, **{name: getattr(from_environment, name) for name in explicit}})
        bounds.set_limits(settings.limits.model_dump())
        if settings.threads:
            os.environ.setdefault("POLARS_MAX_THREADS", str(settings.threads))
        return settings
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(entry) for entry in error.errors())) from error


def local_now() -> datetime:
    """Now, local time of the city, without zone, to the microsecond."""
    return datetime.now(ZONE).replace(tzinfo=None)


def _stored(path: Path) -> dict[str, Any]:
    """The home's settings.yaml; empty when there is none. Raises `SettingsError` when it is unreadable."""
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as YAML in UTF-8 ({error}); mend it or delete it") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: found {type(content).__name__}; accepted: lines of `name: value`")
    return content


def _explain(entry: Any) -> str:
    name = ".".join(str(part) for part in entry["loc"])
    if entry["type"] == "extra_forbidden":
        known = ", ".join(sorted(Settings.model_fields)) if len(entry["loc"]) == 1 else "see docs/alerts.md"
        return f"setting {name}: unknown; accepted: {known}"
    return f"setting {name} ({ENV_PREFIX}{name.upper()}): found {entry['input']!r}; {entry['msg']}"
