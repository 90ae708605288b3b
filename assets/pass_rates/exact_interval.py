"""Clopper and Pearson's interval of a share, computed in the engine.

Belongs here: the one interval that has no closed form. Does not belong here: the others
(`assets.pass_rates.intervals`), which of them is in use (`standard.interval`).

Its ends are quantiles of a beta distribution, which SQL does not have. They are also the shares at which
a tail of the binomial distribution holds half of what the level leaves out, and such a tail is a short
sum: outwards from the observed count each term is smaller than the one before, and nine standard
deviations on none matters. Newton's method finds the share: the logarithm of the tail is concave over the
logarithm of the share, so it arrives from anywhere, and from Wilson's end in a few steps. A registered
Python function would have been shorter, but would have tied the marts to one engine and one process.
"""

from __future__ import annotations

import math

import ibis
import ibis.expr.types as ir

#: How far a tail is summed: so many terms, and so many standard deviations.
_TERMS, _DEVIATIONS = 50, 9

#: From Wilson's end five steps give every digit that a double holds.
_STEPS = 6

#: Tails of more units than this are too long to list.
LISTED = 10**8


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def lgamma(value: float) -> float:  # type: ignore[empty-body]
    """ln Γ(value), the engine's own."""


def low_end(rows: ir.Table, count: str, of: str, start: str, left_out: float, name: str) -> ir.Table:
    """`rows` with `name`: the share (0–1) at which a count of `count` or more out of `of` has the chance `left_out`.

    `start`: a column near it. Null where `count` is 0 or there are more than LISTED units.
    """
    n = rows[of].nullif(0).cast("float64")
    k = ibis.ifelse(rows[of] <= LISTED, rows[count].nullif(0), ibis.null("int64")).cast("float64")
    terms = ibis.least(n - k, (k * (n - k) / n).sqrt() * _DEVIATIONS + _TERMS).ceil().cast("int64")
    step = ibis.range(0, terms + 1)
    # Logarithms of the coefficients of the tail's terms over its first one, and of the first one.
    coefficients = step.map(lambda j: lgamma(k + 1) - lgamma(k + j + 1) + lgamma(n - k + 1) - lgamma(n - k - j + 1))
    found = rows.mutate(
        _k=k,
        _n=n,
        _j=step,
        _c=coefficients,
        _first=lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1),
        _u=rows[start].ln(),
    )
    for _ in range(_STEPS):
        found = _newton(found, math.log(left_out))
    return found.mutate(**{name: found._u.exp()}).drop("_k", "_n", "_j", "_c", "_first", "_u")


def _newton(found: ir.Table, goal: float) -> ir.Table:
    """`found` with `_u`, the logarithm of the share, one step nearer to where ln(tail) is `goal`.

    tail = first term · r, r = Σ of the terms over the first; d ln(tail) / du = k ÷ r.
    """
    rows = found.mutate(_odds=found._u - (1 - found._u.exp()).ln())
    rows = rows.mutate(_r=rows._c.zip(rows._j).map(lambda term: (term.f1 + term.f2 * rows._odds).exp()).sums())
    first = rows._first + rows._k * rows._u + (rows._n - rows._k) * (1 - rows._u.exp()).ln()
    return rows.mutate(_u=rows._u - (first + rows._r.ln() - goal) * rows._r / rows._k).drop("_odds", "_r")
