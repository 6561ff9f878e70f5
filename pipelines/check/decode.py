"""A table's identities as an error-correcting code: which cells, changed to what, would make all of them hold.

Syndrome decoding over the integers: the residuals of the identities are the syndrome, a cell's coefficients in them
its column of the parity-check matrix, and an explanation is a smallest set of columns that adds up to the syndrome.
Blank cells are erasures (known place, unknown value) and are eliminated first. 表三 has distance 4 (`is_locating`
computes it): one wrong cell is located, two are never mistaken for one. Everything is exact: whole numbers, no
rounding.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd
from operator import itemgetter, mul
from typing import Any

Vector = dict[int, int]
"""Sparse integer vector without zeros."""

_REMEMBERED = 256  # eliminations of one system: some 10 MB
_SCALE = 60  # clears every denominator that 2 by 2 minors of coefficients up to 6 can bring


Values = Mapping[int, int | None] | Sequence[int | None]
"""What is known of each cell, by its number; None where nothing is."""


@dataclass(frozen=True, slots=True)
class SignedSum:
    """A vector to be multiplied with many tables: what it picks of them and by how much, without a walk over it.

    >>> SignedSum.of({3: 1, 0: -1}).over([5, 0, 0, 7])
    2
    """

    coefficients: tuple[int, ...]
    pick: Callable[[Any], tuple[int | None, ...]]

    @classmethod
    def of(cls, vector: Vector) -> "SignedSum":
        """Prepare the sum."""
        cells = tuple(vector)
        return cls(tuple(vector.values()), itemgetter(*cells, cells[0]))  # picked alone, a cell would be no tuple

    def over(self, values: Values) -> int | None:
        """Return the sum; None where a cell of it is not known."""
        picked = self.pick(values)
        return None if None in picked else sum(map(mul, self.coefficients, picked))


@dataclass(frozen=True)
class LinearSystem:
    """Equations over cells numbered from 0: each the coefficients of a sum that ought to be zero."""

    equations: tuple[Vector, ...]

    @cached_property
    def columns(self) -> dict[int, Vector]:
        """For each cell its coefficients by equation."""
        columns: dict[int, Vector] = {}
        for number, equation in enumerate(self.equations):
            for cell, coefficient in equation.items():
                columns.setdefault(cell, {})[number] = coefficient
        return columns

    @cached_property
    def sums(self) -> tuple[SignedSum, ...]:
        """The equations, ready to be evaluated."""
        return tuple(SignedSum.of(equation) for equation in self.equations)

    @cached_property
    def solvers(self) -> dict[frozenset[int], "_Solver"]:
        """Eliminations that were made, by the erased cells."""
        return {}

    @cached_property
    def is_locating(self) -> bool:
        """True where no three columns are dependent: then two wrong cells are never mistaken for one."""
        return all(
            next(_change_two(self, {k: _SCALE * c for k, c in column.items()}), None) is None
            and not any(_are_parallel(column, other) for name, other in self.columns.items() if name != cell)
            for cell, column in self.columns.items()
        )

    @cached_property
    def components(self) -> tuple["LinearSystem", ...]:
        """The parts that share no cell; an error in one says nothing of the others."""
        parts: list[tuple[set[int], list[Vector]]] = []
        for equation in self.equations:
            touched = [part for part in parts if part[0] & equation.keys()]
            parts = [part for part in parts if not part[0] & equation.keys()]
            cells = set(equation).union(*(part[0] for part in touched))
            parts.append((cells, [e for part in touched for e in part[1]] + [equation]))
        return tuple(LinearSystem(tuple(equations)) for _, equations in parts)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Cells and the values that, put in their place, make every equation hold."""

    changes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the decoder makes of one component.

    Attributes:
        is_broken: The printed figures break the equations, whatever stands in the blanks.
        explanations: All smallest explanations.
        is_unique: There is one explanation and nothing as small competes with it.
        fillings: Blank cells whose value the equations leave no choice about; only where nothing is broken.
    """

    is_broken: bool
    explanations: tuple[Explanation, ...] = ()
    is_unique: bool = False
    fillings: Mapping[int, int] = field(default_factory=dict)


def decode(system: LinearSystem, values: Values, *, largest: int = 2, robust_to: int = 2) -> Diagnosis:
    """Return the smallest sets of cells that explain why `values` break the equations of `system`.

    Args:
        system: One component (`LinearSystem.components`).
        values: Whole numbers, not negative; None for a cell whose value is not known.
        largest: Most cells that an explanation may change, 1 or 2.
        robust_to: A single cell is unique only where no other explanation of up to this many cells exists.

    >>> channel = LinearSystem(({0: 1, 1: 1, 2: -1},))
    >>> decode(channel, {0: 10, 1: 1, 2: 0}, largest=1, robust_to=1).explanations
    (Explanation(changes=((2, 11),)),)
    >>> len(decode(channel, {0: 10, 1: 1, 2: 12}, largest=1, robust_to=1).explanations)
    3
    """
    erased = frozenset(cell for cell in system.columns if values[cell] is None)
    solver = _Solver.of(system, erased)
    syndrome = _syndrome(solver.checks, values)
    known = {cell: value for cell in system.columns if (value := values[cell]) is not None}
    if not syndrome:
        if solver.admits(known):
            return Diagnosis(is_broken=False, fillings=solver.solve(known))
        return Diagnosis(is_broken=True)
    alone = list(_change_one(solver.checks, syndrome))
    singles = list(_admissible(solver, known, alone))
    # Cells that cannot be told apart may share the blame in any proportion, listed among the explanations or not.
    may_share = bool(erased) or not system.is_locating
    is_shared = may_share and _has_parallel(solver.checks, {cell for changes in alone for cell, _ in changes})
    if len(singles) == 1 and robust_to > 1 and may_share:
        is_shared = is_shared or any(_admissible(solver, known, _change_two(solver.checks, syndrome)))
    if singles:
        return Diagnosis(
            is_broken=True,
            explanations=tuple(singles),
            is_unique=len(singles) == 1 and not (robust_to > 1 and is_shared),
        )
    if largest < 2:
        return Diagnosis(is_broken=True)
    pairs = list(_admissible(solver, known, _change_two(solver.checks, syndrome)))
    paired = {cell for pair in pairs for cell, _ in pair.changes}
    is_shared = is_shared or (may_share and _has_parallel(solver.checks, paired))
    return Diagnosis(is_broken=True, explanations=tuple(pairs), is_unique=len(pairs) == 1 and not is_shared)


@dataclass(frozen=True)
class _Solver:
    """A system with its erased cells eliminated.

    Attributes:
        checks: Combinations of the equations that hold no erased cell.
        pivots: Combinations that still hold erased cells, each with the one it was solved for.
    """

    system: LinearSystem
    erased: frozenset[int]
    checks: LinearSystem
    pivots: tuple[tuple[int, Vector], ...]

    @classmethod
    def of(cls, system: LinearSystem, erased: frozenset[int]) -> "_Solver":
        """Eliminate the erased cells by integer Gauss-Jordan steps; what was eliminated lately is remembered.

        Agencies leave the same cells blank as others do: a whole column, or all but what they have.
        """
        if not erased:
            return cls(system, erased, system, ())
        solvers = system.solvers
        if erased not in solvers:
            if len(solvers) >= _REMEMBERED:
                solvers.clear()
            solvers[erased] = cls._eliminate(system, erased)
        return solvers[erased]

    @classmethod
    def _eliminate(cls, system: LinearSystem, erased: frozenset[int]) -> "_Solver":
        open_rows, pivots = [dict(equation) for equation in system.equations], list[tuple[int, Vector]]()
        for cell in sorted(erased):
            holders = [row for row in open_rows if cell in row]
            if not holders:
                continue
            pivot = min(holders, key=lambda row: (abs(row[cell]), len(row)))
            open_rows = [_without(row, pivot, cell) for row in open_rows if row is not pivot]
            pivots = [(solved, _without(row, pivot, cell)) for solved, row in pivots]
            pivots.append((cell, pivot))
        return cls(system, erased, LinearSystem(tuple(row for row in open_rows if row)), tuple(pivots))

    def solve(self, known: Mapping[int, int]) -> dict[int, int]:
        """Return the erased cells that `known` determines; those whose value would not be whole are left out."""
        solved = {}
        for cell, row in self.pivots:
            if sum(name in self.erased for name in row) == 1:
                rest = sum(coefficient * known[name] for name, coefficient in row.items() if name != cell)
                if rest % row[cell] == 0:
                    solved[cell] = -rest // row[cell]
        return solved

    def admits(self, known: Mapping[int, int]) -> bool:
        """Tell whether erased cells can take whole values, not negative, that fit `known`.

        Decides exactly where each erased cell is determined, and otherwise rules out what one equation rules out; an
        explanation too many only makes a claim less likely.
        """
        for row in (*self.system.equations, *(row for _, row in self.pivots)):
            unknown = [coefficient for name, coefficient in row.items() if name in self.erased]
            if not unknown:
                continue
            rest = sum(coefficient * known[name] for name, coefficient in row.items() if name not in self.erased)
            if (all(c > 0 for c in unknown) and rest > 0) or (all(c < 0 for c in unknown) and rest < 0):
                return False
            if rest % gcd(*unknown):
                return False
        return True


def _admissible(
    solver: _Solver, known: Mapping[int, int], candidates: Iterable[tuple[tuple[int, int], ...]]
) -> Iterator[Explanation]:
    """Keep those changes that leave every figure a count and every blank a possible value."""
    seen = set()
    for shifts in candidates:
        changes = tuple(sorted((cell, known[cell] + shift) for cell, shift in shifts))
        if changes in seen or any(value < 0 for _, value in changes):
            continue
        seen.add(changes)
        if not solver.erased or solver.admits({**known, **dict(changes)}):
            yield Explanation(changes)


def _change_one(system: LinearSystem, syndrome: Vector) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield every (cell, shift) that alone cancels the syndrome."""
    for cell in system.equations[_narrowest(system, syndrome)]:
        shift = _cancelling(syndrome, system.columns[cell])
        if shift is not None:
            yield ((cell, shift),)


def _change_two(system: LinearSystem, syndrome: Vector) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield every two cells and shifts, neither zero, that together cancel the syndrome.

    One of the two must stand in a broken equation. Its column is projected out of the syndrome and of its partner's
    column, after which the partner must cancel what is left alone.
    """
    start = _narrowest(system, syndrome)
    for first in system.equations[start]:
        column = system.columns[first]
        pivot = column[start]
        left = _combine(syndrome, pivot, column, -syndrome[start])
        if not left:
            continue
        through = next(iter(left))
        outside = syndrome.keys() - column.keys()  # what projecting leaves: most partners are told apart by it alone
        for second in system.equations[through].keys() | system.equations[start].keys():
            other = system.columns[second]
            if second == first or other.keys() - column.keys() != outside:
                continue
            shift = _cancelling(left, _combine(other, pivot, column, -other.get(start, 0)))
            if shift is None:
                continue
            rest = syndrome[start] + shift * other.get(start, 0)
            if rest and rest % pivot == 0:
                yield ((first, -rest // pivot), (second, shift))


def _has_parallel(system: LinearSystem, cells: Iterable[int]) -> bool:
    """Tell whether one of `cells` cannot be told from some other cell of the system."""
    return any(
        name != cell and _are_parallel(system.columns[cell], other)
        for cell in cells
        for name, other in system.columns.items()
    )


def _are_parallel(first: Vector, second: Vector) -> bool:
    if first.keys() != second.keys():
        return False
    key = next(iter(first))
    return all(first[k] * second[key] == second[k] * first[key] for k in first)


def _syndrome(system: LinearSystem, values: Values) -> Vector:
    totals = (equation.over(values) for equation in system.sums)
    return {number: total for number, total in enumerate(totals) if total}


def _narrowest(system: LinearSystem, syndrome: Vector) -> int:
    return min(syndrome, key=lambda number: len(system.equations[number]))


def _cancelling(syndrome: Vector, column: Vector) -> int | None:
    """Return the whole number, not zero, by which `column` cancels `syndrome`, or None where there is none."""
    if syndrome.keys() != column.keys():
        return None
    key = next(iter(column))
    if syndrome[key] % column[key]:
        return None
    shift = -syndrome[key] // column[key]
    return shift if all(syndrome[k] + shift * column[k] == 0 for k in column) else None


def _combine(first: Vector, by: int, second: Vector, and_by: int) -> Vector:
    combined = {key: value * by for key, value in first.items()}
    for key, value in second.items():
        total = combined.get(key, 0) + value * and_by
        if total:
            combined[key] = total
        else:
            combined.pop(key, None)
    return combined


def _without(row: Vector, pivot: Vector, cell: int) -> Vector:
    """Return `row` cleared of `cell` with the help of `pivot`, in lowest terms."""
    if cell not in row:
        return row
    cleared = _combine(row, pivot[cell], pivot, -row[cell])
    divisor = gcd(*cleared.values()) if cleared else 1
    return {key: value // divisor for key, value in cleared.items()} if divisor > 1 else cleared
