"""Which pollutant is a part of which, from the reference table pollutant_part.

Belongs here: chains of parts and wholes. Does not: masses of them (inventory/parts, publish/part_guard).
"""

from collections.abc import Iterator

import pyarrow as pa

from bigdata_emis.errors import InputError


class Containment:
    """Which pollutant is contained in which, from the reference table pollutant_part.

    Raises InputError when a pollutant would contain itself.
    """

    def __init__(self, pollutant_part: pa.Table) -> None:
        parts, wholes = (pollutant_part[name].to_pylist() for name in ("pollutant_code", "containing_pollutant_code"))
        self.whole_of = dict(zip(parts, wholes, strict=True))
        for part in parts:
            if part in self.wholes(part):
                raise InputError(
                    f"reference table pollutant_part: {part} contains itself", "let every chain of parts end in a whole"
                )
        named = {*parts, *wholes}
        self.codes = sorted(named, key=lambda code: (len(self.wholes(code)), code))
        """Every pollutant that contains another or is contained, the largest first."""
        self._related = {
            code: self.wholes(code) + [one for one in self.codes if code in self.wholes(one)] for code in self.codes
        }

    def wholes(self, pollutant: str) -> list[str]:
        """What contains a pollutant, the smallest first."""
        found: list[str] = []
        while pollutant in self.whole_of and self.whole_of[pollutant] not in found:
            pollutant = self.whole_of[pollutant]
            found.append(pollutant)
        return found

    def related(self, pollutant: str) -> list[str]:
        """What contains a pollutant, the smallest first, then what it contains, the largest first."""
        return self._related.get(pollutant, [])

    def pairs(self, present: set[str]) -> Iterator[tuple[str, str]]:
        """Each part that is present with the smallest whole of it that is, the largest parts first."""
        for code in self.codes:
            whole = next((one for one in self.wholes(code) if one in present), None)
            if code in present and whole is not None:
                yield code, whole

    def every_pair(self, present: set[str]) -> list[tuple[str, str]]:
        """Each part that is present with every whole of it that is, the largest parts first.

        The next whole alone is not enough: a source may tell of soot and PM10 and, in some hours, of nothing between.
        """
        return [(part, whole) for part in self.codes for whole in self.wholes(part) if {part, whole} <= present]
