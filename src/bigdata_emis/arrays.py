"""Type names of the NumPy arrays that equations, statistics and stages exchange.

Belongs here: one name for each element type. Does not: shapes, which the docstring of each function gives.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Positions = NDArray[np.intp]
Ranks = NDArray[np.int8]
Flags = NDArray[np.bool_]
Texts = NDArray[np.str_]
