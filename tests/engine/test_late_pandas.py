"""pandas is loaded when it is used, and from then on PyArrow knows its objects as ever."""

import subprocess
import sys

import pytest

from bigdata_emis.engine import late_pandas

ARROW_FIRST = """
import sys
from bigdata_emis.engine.late_pandas import import_pandas_late
import_pandas_late()
import pyarrow as pa
table = pa.Table.from_pylist([{"energy_kwh": 1.5}, {"energy_kwh": None}])
print("pandas" in sys.modules)
"""


def lines_of(code: str) -> list[str]:
    """What a process of its own prints: this one has imported pandas long ago."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_an_arrow_table_does_not_import_pandas() -> None:
    assert lines_of(ARROW_FIRST) == ["False"]


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("import pandas as pd; print(pa.array(pd.Series([1.5, float('nan')])).null_count)", "1"),
        ("import pandas as pd; print(pa.Table.from_pandas(pd.DataFrame({'a': ['x', None]}))['a'].null_count)", "1"),
        ("print(int(table.to_pandas()['energy_kwh'].isna().sum()))", "1"),
        ("import pandas as pd; print(type(pd.__spec__.loader).__name__)", "SourceFileLoader"),
    ],
    ids=["a series", "a frame", "to pandas", "its loader"],
)
def test_once_pandas_is_imported_nothing_differs(code: str, printed: str) -> None:
    assert lines_of(ARROW_FIRST + code) == ["False", printed]


def test_a_process_that_has_pandas_is_left_as_it_is() -> None:
    pytest.importorskip(late_pandas.PANDAS)
    before = list(sys.meta_path)
    late_pandas.import_pandas_late()
    assert sys.meta_path == before


def test_a_command_leaves_pandas_alone(home) -> None:
    code = "import sys; sys.argv = ['emis', 'alert', 'list', '--region', 'nys', '--json']\n"
    code += "from bigdata_emis.cli import main\n"
    code += "try:\n    main()\nexcept SystemExit:\n    print('pandas' in sys.modules)\n"
    assert lines_of(code)[-1] == "False"
