"""Frames held against their expectations, by Great Expectations on an ephemeral context.

Belongs here: the only import of Great Expectations, which costs seconds and is therefore met late and never on the way
of an emergency recalculation. Does not: which expectations (schema/expectations.py), or what is refused (publish/gate.py).
"""

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis.schema import Table, field
from bigdata_emis.schema.expectations import Expectation, percentile_pairs, suite

SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """One expectation that a frame does not meet."""

    frame: str
    expectation: str
    column: str
    examples: tuple[str, ...]

    def __str__(self) -> str:
        """One line: which expectation of which column, for instance what."""
        shown = f", for instance {'; '.join(self.examples)}" if self.examples else ""
        where = f", column {self.column}" if self.column else ""
        return f"{self.frame}{where}: {self.expectation} fails{shown}"


def declared_findings(frame: pa.Table, table: Table) -> list[Finding]:
    """What of its declaration a frame breaks, or that it has no row at all; repeated keys are for repeated_key_count()."""
    return findings(table.name, deciding_rows(frame, table), suite(table, rows_at_least=1), key=table.key)


def deciding_rows(frame: pa.Table, table: Table) -> pa.Table:
    """The rows on which the judgement of the declaration hangs, so that its cost does not grow with the frame.

    Of each column the first null, the least and the greatest value and one row of each code; of each pair of percentiles the
    row where they are nearest. If these rows keep the declaration, all rows do.
    """
    picked: set[int] = set()
    for name in set(frame.column_names) & set(table.names):
        picked |= _deciding(frame[name], has_codes=bool(field(name).code_list))
    for high, low in percentile_pairs(table):
        picked |= _deciding(pc.subtract(frame[high], frame[low]), has_codes=False)
    return frame.take(pa.array(sorted(picked - {-1}), pa.int64()))


def findings(name: str, frame: pa.Table, expectations: Iterable[Expectation], *, key: Sequence[str]) -> list[Finding]:
    """The expectations that the frame does not meet, with the keys of rows that do not; none when all is well."""
    made = _batch_definition()
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    wanted = [ExpectationConfiguration(type=e.type, kwargs=e.kwargs) for e in expectations]
    batch = made.get_batch(batch_parameters={"dataframe": frame.to_pandas(types_mapper=pd.ArrowDtype)})
    outcome = batch.validate(ExpectationSuite(name=name, expectations=wanted), result_format="BOOLEAN_ONLY")
    if outcome.success:
        return []
    # Only what fails is worth the dear search for the rows that do.
    wordy = {"result_format": "COMPLETE", "unexpected_index_column_names": list(key)}
    outcome = batch.validate(ExpectationSuite(name=name, expectations=wanted), result_format=wordy)
    return [_finding(name, result) for result in outcome.results if not result.success]


def _deciding(column: pa.ChunkedArray, *, has_codes: bool) -> set[int]:
    picked = {pc.index(pc.is_null(column), True).as_py()}
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        extremes = pc.min_max(column).as_py()
        picked |= {pc.index(column, extremes[side]).as_py() for side in ("min", "max") if extremes[side] is not None}
    if has_codes and pa.types.is_string(column.type):
        picked |= {pc.index(column, code).as_py() for code in pc.unique(column).to_pylist() if code is not None}
    return picked


@cache
def _batch_definition() -> Any:
    """Whole frames on an ephemeral context: nothing on disk, no Data Docs, nothing sent anywhere, no progress bars beside our own.

    One for all frames, since each definition is written out as YAML three times when it is made.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with _without_garbage_collection():
        import great_expectations
        from great_expectations.data_context.types.base import ProgressBarsConfig
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return (
        context.data_sources.add_or_update_pandas("frames")
        .add_dataframe_asset("frame")
        .add_batch_definition_whole_dataframe("whole")
    )


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """An import makes a million objects that all stay: looking through them for garbage is a fifth of its cost."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _finding(name: str, result: Any) -> Finding:
    kwargs = result.expectation_config.kwargs
    column = str(kwargs.get("column") or ", ".join(kwargs[k] for k in ("column_A", "column_B") if k in kwargs))
    told = result.result or {}
    failure = (result.exception_info or {}).get("exception_message")
    rows = [
        ", ".join(f"{k} {v}" for k, v in row.items() if v is not pd.NA)
        for row in told.get("unexpected_index_list") or []
    ]
    examples = rows or [f"{v} was found" for v in (told.get("observed_value"), failure) if v is not None]
    shown = tuple(str(value).splitlines()[0] for value in examples[:SHOWN])
    return Finding(name, result.expectation_config.type, column, shown)
