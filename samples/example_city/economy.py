"""Energy and accounts of the example city.

Belongs here: rows of the feeds energy_use and economic_accounts. Does not belong here: the figures
(`figures/economy.yaml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from samples.example_city.files import ExampleFile, figures


def files() -> list[ExampleFile]:
    """Totals by both values of electricity with the users of energy, and the accounts."""
    known = figures("economy")
    return [
        ExampleFile("energy_use", "energy", known["energy"]["published_at"], list(_energy(known))),
        ExampleFile("economic_accounts", "accounts", known["published_at"], list(_accounts(known))),
    ]


def _energy(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    def row(period: int, consumer: str, fuel: str, quantity: float, unit: str) -> dict[str, Any]:
        return {
            "region_code": known["region"], "period": period, "consumer": consumer, "fuel": fuel, "flow": "total",
            "quantity": quantity, "unit": unit,
        }  # fmt: skip

    energy = known["energy"]
    for value in ("equivalent", "calorific"):
        for year, quantity in energy[value].items():
            yield row(year, "all", f"total_energy_{value}", quantity, "10^4 tce")
    for user, years in energy["users"].items():
        for year, quantity in years.items():
            yield row(year, user, "total_energy_equivalent", quantity, "tce")


def _accounts(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for account, entry in known["accounts"].items():
        remarks = known["published"].get(account, {})
        for year, value in entry["values"].items():
            yield {
                "region_code": known["region"], "period": year, "account": account, "value": value,
                "unit": entry["unit"], "price_base": "current" if account == "gdp_current" else None,
                "remark": remarks.get(year),
            }  # fmt: skip
