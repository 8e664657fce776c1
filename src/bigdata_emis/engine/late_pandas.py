"""pandas is imported when something uses it, not by the first Arrow table of a process.

Belongs here: what PyArrow believes about pandas. Does not: any use of pandas.

PyArrow imports pandas with the first list that it converts, only to ask whether the list is one of its objects: 0.6 s
of processor time, a third of what a command takes that collects an hour.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

PANDAS = "pandas"


def import_pandas_late() -> None:
    """Let PyArrow do without pandas until something imports it; from then on nothing differs any more.

    It changes nothing in a process that has imported pandas.
    """
    if PANDAS in sys.modules:
        return
    import pyarrow as pa

    finder = _PandasFinder()
    sys.meta_path.insert(0, finder)
    pa.array([0])
    finder.is_hidden = False


class _PandasFinder(MetaPathFinder):
    """Hides pandas at first; later it finds pandas as without this one, and wraps what executes it."""

    is_hidden = True

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of pandas; of nothing else."""
        if fullname != PANDAS:
            return None
        if self.is_hidden:
            raise ModuleNotFoundError(f"{PANDAS} is imported later", name=PANDAS)
        sys.meta_path.remove(self)
        spec = find_spec(PANDAS)
        if spec is not None and spec.loader is not None:
            spec.loader = _AnnouncingLoader(spec.loader)
        return spec


class _AnnouncingLoader(Loader):
    """Executes pandas, and then has PyArrow import it, too."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module that the real loader creates."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute it with the real loader, which is also the one that it names from then on."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        import pyarrow as pa

        pa.array([0]).to_pandas()  # it tries again when it is asked for what it lacks
