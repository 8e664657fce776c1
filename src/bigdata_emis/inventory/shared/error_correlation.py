"""Which part of an estimate's error its class shares, and how the rest persists: by sector and method of each row.

Belongs here: reading the reference table for rows. Does not: propagation (equations).
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError


class Correlations:
    """Share of variance common to the class, and hourly persistence of the rest, by sector and method."""

    def __init__(self, error_correlation: pa.Table) -> None:
        rows = error_correlation.to_pylist()
        self.known = {
            (row["sector_code"], row["method_code"]): (row["class_variance_share"], row["persistence_share"])
            for row in rows
        }

    def of(self, sector_code: str | None, method_code: str) -> tuple[float, float]:
        """The row of sector and method, else of the method alone. Raises InputError when there is neither."""
        found = self.known.get((sector_code, method_code)) or self.known.get((None, method_code))
        if found is None:
            raise InputError(
                f"reference table error_correlation has no row for method '{method_code}'", "add it, with its source"
            )
        return found

    def of_rows(self, sector_code: pa.ChunkedArray, method_code: pa.ChunkedArray) -> tuple[Floats, Floats]:
        """Both numbers for each row, met once a pair of codes."""
        sectors, methods = (column.combine_chunks().dictionary_encode() for column in (sector_code, method_code))
        table: NDArray[Any] = np.zeros((max(len(sectors.dictionary), 1), max(len(methods.dictionary), 1), 2))
        # Few pairs of codes, many rows: counting finds them without sorting.
        pair = np.asarray(sectors.indices.to_numpy(), dtype=np.int64) * table.shape[1] + methods.indices.to_numpy()
        for sector, method in (divmod(int(met), table.shape[1]) for met in np.flatnonzero(np.bincount(pair))):
            table[sector, method] = self.of(sectors.dictionary[sector].as_py(), methods.dictionary[method].as_py())
        rows = table.reshape(-1, 2)[pair]
        return rows[:, 0], rows[:, 1]
