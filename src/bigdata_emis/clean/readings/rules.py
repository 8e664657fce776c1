"""Row rules, compiled from the declared fields to one pass that gives each reading its reasons for quarantine.

Belongs here: bounds, missing values, codes, registry membership, duplicates. Does not: comparisons with neighbours (outliers).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.arrays import Flags, Integers

REASONS = (
    "unknown_id",
    "out_of_window",
    "not_a_number",
    "negative",
    "out_of_bounds",
    "above_capacity",
    "invalid_status",
    "duplicate",
    "outlier",
)
CARRIED = ("not_a_number", "out_of_window", "invalid_status")


@dataclass(frozen=True)
class Rule:
    """A reason, and the check of one field that gives it: known (argument: values), filled, least, most (argument: bound)."""

    reason: str
    field: str
    check: str
    argument: Any = None


def compile_rules(table_name: str, *, known: Mapping[str, Sequence[str]], filled: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of a table of readings: `known` are the identifiers of the registry, `filled` the values that must be there."""
    rules: list[Rule] = [Rule("unknown_id", name, "known", tuple(ids)) for name, ids in known.items()]
    rules += [Rule("not_a_number", name, "filled") for name in filled]
    for declared in schema.table(table_name).fields:
        if declared.name == "record_number":
            continue
        if declared.code_list and declared.kind == "string":
            rules.append(Rule("unknown_id", declared.name, "known", tuple(schema.codes()[declared.code_list])))
        if declared.minimum is not None:
            rules.append(
                Rule("negative" if declared.minimum == 0 else "out_of_bounds", declared.name, "least", declared.minimum)
            )
        if declared.maximum is not None:
            rules.append(Rule("out_of_bounds", declared.name, "most", declared.maximum))
    return tuple(rules)


class Verdict:
    """For each reading of a table the reasons why it is not used."""

    def __init__(self, rows: int) -> None:
        self._masks: dict[str, Flags] = {reason: np.zeros(rows, dtype=bool) for reason in REASONS}

    def add(self, reason: str, where: Flags) -> None:
        """These rows have this reason too."""
        self._masks[reason] |= where

    @property
    def is_bad(self) -> Flags:
        """The rows with any reason."""
        bad: Flags = np.any(np.stack(list(self._masks.values())), axis=0)
        return bad

    def reason_codes(self, rows: Integers) -> pa.Array:
        """The reasons of some rows, as lists in the order of REASONS."""
        chosen = [[reason for reason in REASONS if self._masks[reason][row]] for row in rows]
        return pa.array(chosen, pa.list_(pa.string()))


def judge(rows: pa.Table, rules: Sequence[Rule]) -> Verdict:
    """Every rule applied to every row, and the flags that collecting gave."""
    verdict = Verdict(rows.num_rows)
    for rule in rules:
        verdict.add(rule.reason, _broken(rows[rule.field], rule))
    for flag in CARRIED:
        verdict.add(flag, flagged(rows["flag_codes"], flag))
    return verdict


def mark_duplicates(verdict: Verdict, source: Integers, time: Integers, record_number: Integers) -> None:
    """Of usable readings of one source and interval the one that arrived last is used: a provider that sends again corrects."""
    usable = np.flatnonzero(~verdict.is_bad)
    order = usable[np.lexsort((record_number[usable], time[usable], source[usable]))]
    superseded = np.zeros(len(source), dtype=bool)
    same = (source[order][1:] == source[order][:-1]) & (time[order][1:] == time[order][:-1])
    superseded[order[:-1][same]] = True
    verdict.add("duplicate", superseded)


def quarantine(rows: pa.Table, verdict: Verdict, table_name: str, within: Flags) -> pa.Table:
    """The rows with a reason, among those `within` the window, as the quarantine table."""
    bad = np.flatnonzero(verdict.is_bad & within)
    kept = rows.take(pa.array(bad)).append_column("reason_codes", verdict.reason_codes(bad))
    return kept.select(list(schema.table(table_name).names))


def flagged(flags: Any, flag: str) -> Flags:
    """The rows whose list of flags holds this one."""
    column = flags.combine_chunks() if isinstance(flags, pa.ChunkedArray) else flags
    found: Flags = np.zeros(len(column), dtype=bool)
    hits = np.asarray(pc.equal(pc.list_flatten(column), flag))
    found[np.asarray(pc.list_parent_indices(column))[hits]] = True
    return found


def _broken(column: Any, rule: Rule) -> Flags:
    if rule.check == "filled":
        broken = pc.is_null(column)
    elif rule.check == "known":
        broken = pc.invert(pc.is_in(column, pa.array(rule.argument, pa.string())))
    elif rule.check == "least":
        broken = pc.less(column, rule.argument)
    else:
        broken = pc.greater(column, rule.argument)
    mask: Flags = np.asarray(pc.fill_null(broken, False))
    return mask
