"""Ibis expressions as the text of Spark SQL.

Belongs here: what Ibis' own compiler for Spark leaves out and our marts use, and where the two engines would
mean different things by one expression. Does not belong here: any calculation, running anything.

Spark knows no order within an aggregate. There the rows of a group are collected with their keys, sorted by a
comparison, and taken in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.util import gen_name


class SparkCompiler(PySparkCompiler):
    """Ibis' compiler for Spark, with ordered aggregates and the meaning that DuckDB gives to counts and floors."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: dt.DataType) -> Any:
        """A literal; Ibis asks an option of its session whether NaN is null, and here is no such session."""
        if dtype.is_floating():
            return SQLGlotCompiler.visit_NonNullLiteral(self, op, value=value, dtype=dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Field(self, op: ops.Field, *, rel: Any, name: str) -> Any:
        """A column, as it is."""
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_Divide(self, op: ops.Divide, *, left: Any, right: Any) -> Any:
        """A quotient is a double, as DuckDB makes it: Spark divides decimals to a few digits."""
        return sge.paren(self.cast(left, dt.float64)) / sge.paren(self.cast(right, dt.float64))

    def visit_Greatest(self, op: ops.Greatest, *, arg: Any) -> Any:
        """The largest of some values; of one it is that one, for which Spark has no word."""
        return arg[0] if len(arg) == 1 else self.f.greatest(*arg)

    def visit_Least(self, op: ops.Least, *, arg: Any) -> Any:
        """The least of some values, or the only one."""
        return arg[0] if len(arg) == 1 else self.f.least(*arg)

    def visit_CountStar(self, op: ops.CountStar, *, arg: Any, where: Any) -> Any:
        """Zero, and not null, where no row of a group is meant."""
        return super().visit_CountStar(op, arg=arg, where=None) if where is None else self.f.count_if(where)

    def visit_GroupConcat(self, op: ops.GroupConcat, *, arg: Any, sep: Any, where: Any, order_by: Any) -> Any:
        """Texts joined in an order; null where there is none."""
        texts = self._sorted(arg, where, order_by)
        return self.if_(self.f.size(texts).eq(0), NULL, self.f.array_join(texts, sep))

    def visit_ArrayCollect(
        self, op: ops.ArrayCollect, *, arg: Any, where: Any, order_by: Any, include_null: bool, distinct: bool
    ) -> Any:
        """Values of a group in an order; null where there is none, as in DuckDB."""
        values = self._sorted(arg, where, order_by)
        if distinct:
            values = self.f.array_distinct(values)
        return self.if_(self.f.size(values).eq(0), NULL, values)

    def visit_First(self, op: ops.First, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        """The first value of an order."""
        if not order_by:
            return super().visit_First(op, arg=arg, where=where, order_by=order_by, include_null=include_null)
        return self.f.get(self._sorted(arg, where, order_by, include_null=include_null), 0)

    def visit_Last(self, op: ops.Last, *, arg: Any, where: Any, order_by: Any, include_null: bool) -> Any:
        """The last value of an order."""
        if not order_by:
            return super().visit_Last(op, arg=arg, where=where, order_by=order_by, include_null=include_null)
        values = self.f.reverse(self._sorted(arg, where, order_by, include_null=include_null))
        return self.f.get(values, 0)

    def _sorted(self, arg: Any, where: Any, order_by: Sequence[sge.Ordered], *, include_null: bool = False) -> Any:
        """The values of a group as an array, by `order_by`; without null values unless they are wanted."""
        keys = [f"k{place}" for place in range(len(order_by))]
        row = self.f.named_struct(
            *(part for key, by in zip(keys, order_by, strict=True) for part in (sge.convert(key), by.this.copy())),
            sge.convert("v"),
            arg.copy(),
        )
        conditions = [where] if where is not None else []
        if not include_null:
            conditions.append(arg.copy().is_(sge.Not(this=NULL)))
        for condition in conditions:
            row = self.if_(condition, row, NULL)
        rows = self.f.collect_list(row)
        if order_by:
            left, right = (sge.to_identifier(gen_name(side)) for side in ("left", "right"))
            compared = sge.Lambda(this=_comparison(keys, order_by, left, right), expressions=[left, right])
            rows = self.f.array_sort(rows, compared)
        one = sge.to_identifier(gen_name("row"))
        return self.f.transform(rows, sge.Lambda(this=_field(one, "v"), expressions=[one]))


def _field(row: sge.Identifier, name: str) -> sge.Dot:
    return sge.Dot(this=sge.column(row.copy()), expression=sge.to_identifier(name))


def _comparison(keys: Sequence[str], order_by: Sequence[sge.Ordered], left: Any, right: Any) -> sge.Expression:
    """-1, 0 or 1: which of two rows comes first, key by key."""
    result: Any = sge.convert(0)
    for key, by in reversed(list(zip(keys, order_by, strict=True))):
        a, b = _field(left, key), _field(right, key)
        down, nulls_first = bool(by.args.get("desc")), bool(by.args.get("nulls_first"))
        first, later = (sge.convert(1), sge.convert(-1)) if down else (sge.convert(-1), sge.convert(1))
        null_first, null_later = (sge.convert(-1), sge.convert(1)) if nulls_first else (sge.convert(1), sge.convert(-1))
        result = (
            sge.Case()
            .when(sge.and_(a.copy().is_(NULL), b.copy().is_(sge.Not(this=NULL))), null_first)
            .when(sge.and_(a.copy().is_(sge.Not(this=NULL)), b.copy().is_(NULL)), null_later)
            .when(sge.LT(this=a.copy(), expression=b.copy()), first)
            .when(sge.GT(this=a.copy(), expression=b.copy()), later)
            .else_(result)
        )
    return result


COMPILER = SparkCompiler()


def spark_sql(expression: ir.Table, name: Callable[[str], str]) -> str:
    """The text of an expression for Spark; `name`: what a table of the warehouse is called there."""

    def named(node: sge.Expression) -> sge.Expression:
        if isinstance(node, sge.Table) and node.db:
            return sge.Table(this=sge.to_identifier(name(f"{node.db}.{node.name}")), alias=node.args.get("alias"))
        return node

    # A changed copy: Ibis puts one node at several places of its tree.
    return str(COMPILER.to_sqlglot(expression).transform(named).sql(dialect=COMPILER.dialect))


def tables_of(expression: ir.Table) -> list[str]:
    """The tables of the warehouse that an expression reads."""
    return sorted({f"{table.namespace.database}.{table.name}" for table in expression.op().find(ops.DatabaseTable)})
