"""How the error of an estimate correlates: the part shared by its class, and the hourly persistence of the rest.

Belongs here: the reference table error_correlation, looked up for rows. Does not: error propagation (statistics).
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bigdata_emis.arrays import Floats
from bigdata_emis.errors import InputError


class ErrorCorrelations:
    """Common share of variance and persistence of the rest, by sector and method."""

    def __init__(self, error_correlation: pa.Table) -> None:
        rows = error_correlation.to_pylist()
        self._shares = {
            (row["sector_code"], row["method_code"]): (row["class_variance_share"], row["persistence_share"])
            for row in rows
        }

    def shares(self, sector_code: str | None, method_code: str) -> tuple[float, float]:
        """Class share and persistence of a sector and method, else of the method alone.

        Raises:
            InputError: the reference table has neither row.
        """
        shares = self._shares.get((sector_code, method_code)) or self._shares.get((None, method_code))
        if shares is None:
            raise InputError(
                f"reference table error_correlation has no row for method '{method_code}'",
                "add the row, with its source",
            )
        return shares

    def shares_by_row(self, sector_code: pa.ChunkedArray, method_code: pa.ChunkedArray) -> tuple[Floats, Floats]:
        """Class share and persistence of each row; each pair of codes is looked up once."""
        sectors, methods = (column.combine_chunks().dictionary_encode() for column in (sector_code, method_code))
        table: NDArray[Any] = np.zeros((max(len(sectors.dictionary), 1), max(len(methods.dictionary), 1), 2))
        # Few pairs of codes, many rows: counting needs no sorting.
        pair = np.asarray(sectors.indices.to_numpy(), dtype=np.int64) * table.shape[1] + methods.indices.to_numpy()
        for number in np.flatnonzero(np.bincount(pair)):
            sector, method = divmod(int(number), table.shape[1])
            table[sector, method] = self.shares(sectors.dictionary[sector].as_py(), methods.dictionary[method].as_py())
        rows = table.reshape(-1, 2)[pair]
        return rows[:, 0], rows[:, 1]
