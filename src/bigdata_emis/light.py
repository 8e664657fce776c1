"""What keeps a short-lived process light.

Belongs here: leaving out a library that another one would load for nothing. Does not: anything that computes.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Absent(MetaPathFinder):
    """Says of one library that it is not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)
        return None


def without_pandas() -> None:
    """Let pyarrow do without pandas in this process: it loads it, for half a second, whenever it meets a Python list.

    For a command that ends after its work; a process that has pandas already keeps it.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Absent())
