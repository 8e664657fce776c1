"""The chosen measures as a list that `emis recalc --measures` reads.

Belongs here: the file. Does not: which measures (candidates), reading a list (scenario/measures).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from bigdata_emis import schema
from bigdata_emis.control.scenario.measures import Measure
from bigdata_emis.storage.temporary_files import write_whole
from bigdata_emis.text_file import with_remarks


def write_measures(path: Path, measures: Sequence[Measure], remarks: Iterable[str] = ()) -> None:
    """Write the list; a file that is there is replaced in one step, and the same measures give the same bytes.

    remarks: sentences above the header, for instance that the region is simulated.

    Raises:
        InputError: the file cannot be written.
    """
    columns = [name for name in schema.table("measure").names if name in Measure.__dataclass_fields__]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(getattr(measure, name)) for name in columns] for measure in measures)
    write_whole(path, with_remarks(text.getvalue(), remarks).encode())


def _cell(value: object) -> object:
    return "" if value is None else value
