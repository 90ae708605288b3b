"""Statistical returns of the example city: departments, surveys, hotlines, its towns, zero reports.

Belongs here: rows of the feed statistical_returns. Does not belong here: the figures
(`figures/returns.yaml`, `figures/registers.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from samples.example_city.files import ExampleFile, figures, shared_out

FEED = "statistical_returns"


def files() -> list[ExampleFile]:
    """One file for each reporting year, the late return by itself, the towns."""
    known, registers = figures("returns"), figures("registers")
    returned = [row for entry in known["returns"] for row in _rows(known, entry)]
    returned += [row for entry in registers["registers"] for row in _coverage(registers["region"], entry)]
    yearly = [
        ExampleFile(FEED, f"returns_{year}", day, [row for row in returned if row["year"] == year])
        for year, day in known["published_at"].items()
    ]
    late = [row for entry in known["late"] for row in _rows(known, entry)]
    day = known["late_published_at"]
    return [
        *yearly,
        ExampleFile(FEED, "returns_2015_late", day, late),
        ExampleFile(FEED, "returns_towns", day, list(_town_rows(known))),
    ]


def _rows(known: dict[str, Any], entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row a year and region: counts with the rate printed beside them, or the bare figure."""
    counts, values, printed = (entry.get(name, {}) for name in ("counts", "values", "printed"))
    for year in sorted({*counts, *values}):
        numerator, denominator = counts.get(year, (None, None))
        yield {
            "indicator_code": entry["code"], "region_code": known["region"], "period": year, "stratum": "all",
            "year": year, "value": printed.get(year, values.get(year)), "unit": entry["unit"],
            "numerator": numerator, "denominator": denominator, "sample_size": entry.get("sample"),
            "reporting_body": entry["body"],
        }  # fmt: skip
    for year, value in entry.get("province", {}).items():
        yield {
            "indicator_code": entry["code"], "region_code": known["province"], "period": year, "stratum": "all",
            "year": year, "value": value, "unit": entry["unit"], "reporting_body": "省质监局（示例）",
        }  # fmt: skip


def _coverage(region: str, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Zero reports: to which date a body states its register to be complete, or that there was nothing."""
    for year in entry.get("complete_to", ()):
        yield {
            "indicator_code": entry["register"], "region_code": region, "period": year, "stratum": "all",
            "year": year, "nothing_to_report": "是" if year in entry.get("nothing", ()) else None,
            "complete_to": f"{year}-12-31", "reporting_body": "名录主管单位（示例）",
        }  # fmt: skip


def _town_rows(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The city's counts shared out to its towns: what is missing leans by each town's tilt; all add up to the city."""
    towns = known["towns"]
    leaning = [weight * (1000 - tilt) for weight, tilt in zip(towns["weights"], towns["tilt"], strict=True)]
    for entry in [*known["returns"], *known["late"]]:
        if entry["code"] not in towns["indicators"]:
            continue
        for year, counts in entry["counts"].items():
            numerator, denominator = (Decimal(str(count)) for count in counts)
            scale = max(1, *(10 ** -int(count.as_tuple().exponent) for count in (numerator, denominator)))
            whole = shared_out(int(denominator * scale), towns["weights"])
            missing = shared_out(int((denominator - numerator) * scale), leaning)
            for code, lacking, below in zip(towns["codes"], missing, whole, strict=True):
                later = towns["successors"].get(code)
                now = later["code"] if later and year >= later["from"] else code
                yield {
                    "indicator_code": entry["code"], "region_code": now, "period": year, "stratum": "all",
                    "year": year, "unit": entry["unit"], "numerator": _unscaled(below - lacking, scale),
                    "denominator": _unscaled(below, scale), "reporting_body": "镇（街道）（示例）",
                }  # fmt: skip


def _unscaled(number: int, scale: int) -> Decimal:
    return Decimal(number) / scale
