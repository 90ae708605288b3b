"""Air, drinking water and emissions of the example city.

Belongs here: rows of the feeds air_readings, stations, source_intakes, water_samples and emissions. Does
not belong here: the figures (`figures/environment.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from samples.example_city.files import ExampleFile, figures, spread

_FINE_PARTICLES_SINCE = 2013


def files() -> list[ExampleFile]:
    """Daily air, the sections of the two reservoirs, their volumes and samples, emissions."""
    known = figures("environment")
    water, emissions = known["water_published_at"], known["emissions"]
    return [
        ExampleFile("air_readings", "air_daily", known["air"]["published_at"], list(_days(known))),
        ExampleFile("stations", "reservoirs", water, list(_sections(known))),
        ExampleFile("source_intakes", "intakes", water, list(_intakes(known))),
        ExampleFile("water_samples", "reservoir_samples", water, list(_samples(known))),
        ExampleFile("emissions", "emissions", emissions["published_at"], list(_emissions(known))),
    ]


def _days(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row a day; the pattern of the other days only gives them different, unremarkable values."""
    air = known["air"]
    for year, bad in air["bad_days"].items():
        first = date(year, 1, 1)
        number = (date(year + 1, 1, 1) - first).days
        dusty = set(spread(bad, number))
        hazy = set(spread(air["fine_particle_days"].get(year, 0), number))
        for place in range(1, number + 1):
            day = first + timedelta(days=place - 1)
            if air["gap"]["first"] <= day <= air["gap"]["last"]:
                continue
            row = {
                "station_code": known["region"], "period_end": f"{day + timedelta(days=1)} 00:00", "averaging": "24h",
                "site_kind": "city", "area_name": known["region_name"], "so2": 25 + place % 20,
                "no2": 35 + place % 25, "pm10": _coarse(place, dusty, hazy),
            }  # fmt: skip
            if year >= _FINE_PARTICLES_SINCE:
                row |= {
                    "pm25": 95 if place in hazy else 38 + place * 5 % 30, "co": f"0.{5 + place % 5}",
                    "o3": 90 + place % 40, "o3_8h": 80 + place % 40,
                }  # fmt: skip
            yield row


def _coarse(place: int, dusty: set[int], hazy: set[int]) -> int:
    """PM10 of a day: never below the fine particles that it holds, above the limit on dusty days only."""
    if place in dusty:
        return 165
    return 110 + place * 7 % 30 if place in hazy else 70 + place * 7 % 60


def _sections(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for source in known["sources"]:
        yield {
            "code": source["station"], "valid_from": "2010-01-01", "medium": "water", "name_zh": source["name"],
            "region_code": known["region"], "water_body": "lake", "function_class": "2", "is_source": "yes",
            "type_origin": "register",
        }  # fmt: skip


def _months(known: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for year in known["years"]:
        for month in range(1, 13):
            yield f"{year}-{month:02d}", month


def _intakes(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    missing = {(entry["code"], entry["month"]) for entry in known["missing_intakes"]}
    for source in known["sources"]:
        for label, month in _months(known):
            if (source["code"], label) not in missing:
                yield {
                    "source_code": source["code"], "month": f"{label}-01", "source_name": source["name"],
                    "region_code": known["region"], "station_code": source["station"],
                    "intake_10k_t": source["base"] + source["step"] * month,
                }  # fmt: skip


def _samples(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    unusual = {(e["code"], e["month"], e["determinand"]): e["value"] for e in known["exceptions"]}
    for source in known["sources"]:
        for label, _ in _months(known):
            for determinand, value in known["water"].items():
                yield {
                    "station_code": source["station"], "sampled_at": f"{label}-05 10:00", "determinand": determinand,
                    "fraction": "total", "value": unusual.get((source["code"], label, determinand), value),
                    "unit": "1" if determinand == "ph" else "mg/L", "station_name": source["name"],
                }  # fmt: skip


def _emissions(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    emissions = known["emissions"]
    for scope in (emissions, emissions["old_scope"]):
        for pollutant, years in scope["tonnes"].items():
            for year, tonnes in years.items():
                yield {
                    "region_code": known["region"], "year": year, "pollutant": pollutant, "scope": scope["scope"],
                    "tonnes": tonnes,
                }  # fmt: skip
