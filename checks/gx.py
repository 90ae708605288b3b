"""The one door to Great Expectations: run a feed's rules inside DuckDB on our own connection.

Belongs here: the dialect that makes GX work there, building a suite from rules, reading its results.
Does not belong here: any rule (`checks.rules`, `checks.subjects`), moving data (`warehouse`).

GX takes seconds to import, so it is imported inside the function that needs it. It has no DuckDB
datasource; over plain `duckdb_engine` every expectation fails, because GX gives the connection back
before it fetches. A dialect whose execution context buffers each result at once mends that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from checks.rules import Rule, RuleResult
from warehouse.staging import cursor_on_staging

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

RECORD_KEY = ("source_file_id", "source_sheet", "source_row", "record_no")
SAMPLES = 5


def run_rules(con: duckdb.DuckDBPyConnection, feed: str, rules: Sequence[Rule]) -> list[RuleResult]:
    """Run the rules on `staging.<feed>`, which must be committed; one result per rule, in order.

    GX failing as a whole gives every rule an error, never a failed check.
    """
    if not rules:
        return []
    try:
        with _validating(con, feed) as (context, source):
            results = _validate(context, source, feed, rules)
    except Exception as error:  # whatever GX raises is a fault of the engine, told apart from the data
        reason = f"{type(error).__name__}: {error}"
        return [RuleResult(rule, None, 0, 0, error=reason) for rule in rules]
    return [_result(con, feed, rule, result) for rule, result in zip(rules, results, strict=True)]


@contextmanager
def _validating(con: duckdb.DuckDBPyConnection, feed: str) -> Iterator[tuple[EphemeralDataContext, Any]]:
    """An ephemeral GX context with a datasource on cursors of our connection; disposed afterwards."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    from checks.dialect import Lender

    _register_dialect()
    lender = Lender(con)

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string="duckdb+buffered:///:memory:",
        kwargs={"creator": lender.lend},  # type: ignore[call-arg]  # the typed factory does not know engine arguments
    )
    try:
        yield context, source
    finally:
        lender.take_back()


def _validate(
    context: EphemeralDataContext, source: Any, feed: str, rules: Sequence[Rule]
) -> list[ExpectationValidationResult]:
    import great_expectations as gx
    import great_expectations.expectations as gxe

    suite = gx.ExpectationSuite(name=feed)
    for rule in rules:
        if rule.expectation:
            expectation = getattr(gxe, rule.expectation)(**rule.arguments, meta={"rule": rule.name})
        else:
            expectation = gxe.UnexpectedRowsExpectation(  # type: ignore[attr-defined]
                # GX fetches every row that the query gives: a few are enough, the count is our own.
                unexpected_rows_query=f"SELECT * FROM {{batch}} WHERE {_literal(rule.bad_rows)} LIMIT {SAMPLES}",
                meta={"rule": rule.name},
            )
        suite.add_expectation(expectation)
    batch = source.add_table_asset(feed, table_name=feed).add_batch_definition_whole_table("staged")
    definition = gx.ValidationDefinition(name=feed, data=batch, suite=context.suites.add(suite))
    outcome = context.validation_definitions.add(definition).run(
        result_format={
            "result_format": "BASIC",  # COMPLETE fetches every unexpected value of a large file
            "unexpected_index_column_names": list(RECORD_KEY),
            "return_unexpected_index_query": True,
            "partial_unexpected_count": SAMPLES,
        }
    )
    by_rule = {
        (result.expectation_config.meta or {})["rule"]: result
        for result in outcome.results
        if result.expectation_config
    }
    return [by_rule[rule.name] for rule in rules]


def _result(con: duckdb.DuckDBPyConnection, feed: str, rule: Rule, result: ExpectationValidationResult) -> RuleResult:
    """One GX result in our words. A result with an exception is an error, not a failed check."""
    error = _exception(result.exception_info)
    if error:
        return RuleResult(rule, None, 0, 0, error=error)
    found = result.result
    if rule.bad_rows:
        query = f"SELECT {', '.join(RECORD_KEY)} FROM {feed} WHERE {rule.bad_rows}"
        evaluated = _count(con, f"staging.{feed}")
        unexpected = 0 if result.success else _count(con, f"staging.{feed} WHERE {rule.bad_rows}")
    else:
        query = found.get("unexpected_index_query") or ""
        evaluated = int(found.get("element_count") or 0)
        unexpected = int(found.get("unexpected_count") or 0)
    samples = _samples(con, feed, rule, query) if unexpected else ()
    refused = query if unexpected and rule.severity == "critical" else ""
    return RuleResult(rule, bool(result.success), evaluated, unexpected, refused_query=refused, samples=samples)


def _samples(con: duckdb.DuckDBPyConnection, feed: str, rule: Rule, query: str) -> tuple[dict[str, Any], ...]:
    """The first few offenders with what was found: place in the source, and the offending cells."""
    cursor = cursor_on_staging(con)
    keys = ", ".join(RECORD_KEY)
    # The few are found first: a warning may hold for a million records, and joins of so many are not for showing five.
    first = f"SELECT {keys} FROM ({query.rstrip().rstrip(';')}) AS bad ORDER BY {keys} LIMIT {SAMPLES}"
    rows = cursor.execute(
        f"SELECT {keys}, CAST({rule.found} AS VARCHAR) AS found FROM staging.{feed} SEMI JOIN ({first}) AS first "
        f"USING ({keys}) ORDER BY {keys}"
    ).fetchall()
    cursor.close()
    return tuple(dict(zip((*RECORD_KEY, "found"), row, strict=True)) for row in rows)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _exception(info: Any) -> str:
    """The message of a GX exception; GX nests it per metric in some results and not in others."""
    if not isinstance(info, dict):
        return ""
    if "raised_exception" in info:
        return str(info.get("exception_message") or "exception without message") if info["raised_exception"] else ""
    return "; ".join(filter(None, (_exception(nested) for nested in info.values())))


def _literal(condition: str) -> str:
    """A condition in which GX finds no placeholder: its own braces are doubled."""
    return condition.replace("{", "{{").replace("}", "}}")


def _register_dialect() -> None:
    from sqlalchemy.dialects import registry

    registry.register("duckdb.buffered", "checks.dialect", "BufferedDuckDB")
