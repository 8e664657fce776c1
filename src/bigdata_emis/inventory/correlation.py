"""Which part of an estimate's error its class shares, and how the rest persists: by sector and method of each row.

Belongs here: reading the reference table for rows. Does not: propagation (equations).
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bigdata_emis.errors import InputError

Floats = NDArray[np.float64]


class Correlations:
    """Share of variance common to the class, and hourly persistence of the rest, by sector and method."""

    def __init__(self, error_correlation: pa.Table) -> None:
        rows = error_correlation.to_pylist()
        self.known = {(row["sector_code"], row["method_code"]): (row["class_variance_share"], row["persistence_share"]) for row in rows}

    def of(self, sector_code: str | None, method_code: str) -> tuple[float, float]:
        """The row of sector and method, else of the method alone. Raises InputError when there is neither."""
        found = self.known.get((sector_code, method_code)) or self.known.get((None, method_code))
        if found is None:
            raise InputError(f"reference table error_correlation has no row for method '{method_code}'", "add it, with its source")
        return found

    def of_rows(self, sector_code: pa.ChunkedArray, method_code: pa.ChunkedArray) -> tuple[Floats, Floats]:
        """Both numbers for each row, met once a pair of codes."""
        sectors, methods = (column.combine_chunks().dictionary_encode() for column in (sector_code, method_code))
        table: NDArray[Any] = np.zeros((max(len(sectors.dictionary), 1), max(len(methods.dictionary), 1), 2))
        pairs = np.unique(np.stack([sectors.indices.to_numpy(), methods.indices.to_numpy()]), axis=1).T
        for sector, method in pairs:
            table[sector, method] = self.of(sectors.dictionary[int(sector)].as_py(), methods.dictionary[int(method)].as_py())
        rows = table[sectors.indices.to_numpy(), methods.indices.to_numpy()]
        return rows[:, 0], rows[:, 1]
