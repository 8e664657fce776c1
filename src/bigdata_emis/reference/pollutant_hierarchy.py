"""Hierarchy of pollutants: which size fraction or component is contained in which total.

Belongs here: the chains of the table pollutant_part. Does not: masses (inventory/shared, publish/pollutant_checks).
"""

from collections.abc import Iterator

import pyarrow as pa

from bigdata_emis.errors import InputError


class Containment:
    """Containment of pollutants, from the reference table pollutant_part.

    Raises InputError when a pollutant contains itself.
    """

    def __init__(self, pollutant_part: pa.Table) -> None:
        parts, wholes = (pollutant_part[name].to_pylist() for name in ("pollutant_code", "containing_pollutant_code"))
        self.whole_of = dict(zip(parts, wholes, strict=True))
        for part in parts:
            if part in self.wholes(part):
                raise InputError(
                    f"reference table pollutant_part: {part} contains itself",
                    "correct the chain so that it ends in a total",
                )
        pollutants = {*parts, *wholes}
        self.codes = sorted(pollutants, key=lambda code: (len(self.wholes(code)), code))
        """Every pollutant that contains another or is contained, the largest first."""
        self._related = {
            code: self.wholes(code) + [part for part in self.codes if code in self.wholes(part)] for code in self.codes
        }

    def wholes(self, pollutant: str) -> list[str]:
        """Return the pollutants that contain a pollutant, the smallest first."""
        chain: list[str] = []
        while pollutant in self.whole_of and self.whole_of[pollutant] not in chain:
            pollutant = self.whole_of[pollutant]
            chain.append(pollutant)
        return chain

    def related(self, pollutant: str) -> list[str]:
        """Return the totals of a pollutant, the smallest first, then its parts, the largest first."""
        return self._related.get(pollutant, [])

    def pairs(self, present: set[str]) -> Iterator[tuple[str, str]]:
        """Yield each present part with its smallest present total, the largest parts first."""
        for code in self.codes:
            whole = next((total for total in self.wholes(code) if total in present), None)
            if code in present and whole is not None:
                yield code, whole

    def every_pair(self, present: set[str]) -> list[tuple[str, str]]:
        """Return each present part with each of its present totals, the largest parts first.

        The next total is not enough: a source may report BC and PM10 and, in some hours, nothing between them.
        """
        return [(part, whole) for part in self.codes for whole in self.wholes(part) if {part, whole} <= present]
