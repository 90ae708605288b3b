"""Which columns each column of a mart is computed from: read off its expression, not written by hand.

Belongs here: walking an Ibis expression down to the columns of the tables that it reads. Does not
belong here: which rows a value rests on (`assets.lineage`).

Only what enters a value counts: not what a row is filtered by, joined on, or ordered by inside a count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

#: (qualified table, column)
Origin = tuple[str, str]


def columns_behind(expression: ir.Table) -> dict[str, frozenset[Origin]]:
    """Each column of `expression` → the columns of database tables that its value is computed from."""
    import ibis.expr.operations as ops

    columns: dict[tuple[ops.Relation, str], frozenset[Origin]] = {}
    values: dict[ops.Node, frozenset[Origin]] = {}

    def of_column(relation: ops.Relation, name: str) -> frozenset[Origin]:
        key = (relation, name)
        if key not in columns:
            columns[key] = _of_column(relation, name)
        return columns[key]

    def _of_column(relation: ops.Relation, name: str) -> frozenset[Origin]:
        if isinstance(relation, ops.DatabaseTable):
            return frozenset({(f"{relation.namespace.database}.{relation.name}", name)})
        if isinstance(relation, ops.Set):
            return of_column(relation.left, name) | of_column(relation.right, name)
        if name in relation.values:
            return of_value(relation.values[name])
        parent = getattr(relation, "parent", None)  # a reference to a table gives the table's own columns
        return of_column(parent, name) if parent is not None else frozenset()

    def of_value(node: ops.Node) -> frozenset[Origin]:
        if node not in values:
            values[node] = _of_value(node)
        return values[node]

    def _of_value(node: ops.Node) -> frozenset[Origin]:
        if isinstance(node, ops.Field):
            return of_column(node.rel, node.name)
        if isinstance(node, ops.Relation):  # a subquery as a value; a count of rows takes no column
            return frozenset().union(*(of_column(node, name) for name in node.schema))
        inner = [child for child in node.__children__ if not isinstance(node, ops.CountStar | ops.RowNumber)]
        if isinstance(node, ops.CountStar) and node.where is not None:
            inner = [node.where]
        return frozenset().union(*map(of_value, inner))

    operation = expression.op()
    return {name: of_column(operation, name) for name in expression.columns}
