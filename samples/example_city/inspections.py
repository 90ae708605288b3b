"""Inspections of the example city: pass-rate counts of city and province, single batches.

Belongs here: rows of the feeds pass_rates and spot_checks. Does not belong here: the counts
(`figures/inspections.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from samples.example_city.files import ExampleFile, figures, spread

#: First and last day of a year, a half or a quarter, by what follows the year.
_SPANS = {
    "": ("01-01", "12-31"),
    "H1": ("01-01", "06-30"), "H2": ("07-01", "12-31"),
    "Q1": ("01-01", "03-31"), "Q2": ("04-01", "06-30"), "Q3": ("07-01", "09-30"), "Q4": ("10-01", "12-31"),
}  # fmt: skip


def files() -> list[ExampleFile]:
    """Counts of city and province; the export return of 2014 as it first came, and its correction; batches."""
    known = figures("inspections")
    counted = [row for entry in known["pass_rates"] for row in _counts(known, entry)]
    corrected = [row for entry in known["correction"] for row in _counts(known, entry)]
    keys = {_key(row) for row in corrected}
    first = [row for row in counted if _key(row) in keys]
    others = [row for row in counted if _key(row) not in keys]
    samples = known["samples"]
    return [
        ExampleFile("pass_rates", "pass_rates", known["published_at"], others),
        ExampleFile("pass_rates", "export_2014", known["first_published_at"], first),
        ExampleFile("pass_rates", "export_2014_corrected", known["correction_published_at"], corrected),
        ExampleFile("spot_checks", "city_batches", samples["published_at"], list(_batches(known["city"], samples))),
    ]


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("region_code", "programme", "category", "counted", "period_start"))


def _counts(known: dict[str, Any], entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for period, (passed, inspected) in entry["counts"].items():
        year, part = str(period)[:4], str(period)[4:]
        start, end = (f"{year}-{day}" for day in _SPANS[part])
        yield {
            "region_code": known[entry["region"]], "programme": entry["programme"], "category": entry["category"],
            "counted": entry["counted"], "period_start": start, "period_end": end, "inspected": inspected,
            "passed": passed,
        }  # fmt: skip


def _batches(region: str, samples: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every batch of the city's programme with its safety item, and the failing item where another one fails."""
    products = samples["products"]
    for year, number in samples["batches"].items():
        failing = spread(samples["failed"][year], number)
        unsafe = failing[: samples["unsafe"][year]]
        for batch in range(1, number + 1):
            product = products[batch % len(products)]
            month = 1 + 12 * (batch - 1) // number
            row = {
                "sample_id": f"示例市抽{year}-{batch:03d}", "repeat_no": 1, "programme": samples["programme"],
                "product_name": product["product"], "category": product["category"],
                "producer_name": f"示例{product['category']}厂{batch % 23 + 1:02d}",
                "verdict": "fail" if batch in failing else "pass", "publisher": "市质监局（示例）",
                "published_on": f"{year}-{month:02d}-25", "region_code": region,
            }  # fmt: skip
            result = product["fail"] if batch in unsafe else product["pass"]
            safety, other = product["safety"], product["other"]
            yield row | _item(1, safety, product["unit"], result, product["limit"], "是", failed=batch in unsafe)
            if batch in failing and batch not in unsafe:
                yield row | _item(2, other, "", product["other_fail"], product["other_limit"], "否", failed=True)


def _item(
    number: int, name: str, unit: str, result: str, limit: str, mandatory: str, *, failed: bool
) -> dict[str, Any]:
    return {
        "item_no": number, "item_name": name, "item_unit": unit, "result_text": result, "limit_text": limit,
        "item_verdict": "fail" if failed else "pass", "mandatory": mandatory,
    }  # fmt: skip
