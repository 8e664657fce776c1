"""The answer of a command as lines for a person: aligned tables, and what several commands show in them.

Belongs here: the layout of tables, receipts, published versions, scores. Does not: lines of one command (beside it),
the content of the documents (report, workflow), or printing (options.py).
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bigdata_emis import flow
from bigdata_emis.window import local_stamp

TIME_KEY = "_utc"
INSTANT_TEXT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
UNLIMITED_WIDTH = 100_000
PAGE_STATUS = {"published": "published 已发布", "not published": "not published 未发布", "draft": "draft 草稿"}
NOTHING_PUBLISHED = "no published version: run `emis day`, or check --region and --as-of"
SCORE_COLUMNS = (
    ("median_r2", ">median R2", ".3f"),
    ("share_r2_ge_075", ">R2>=0.75", ".1%"),
    ("median_abs_nmb", ">|NMB|", ".2%"),
    ("median_nmae", ">NMAE", ".2%"),
    ("coverage_90", ">cover 90", ".1%"),
)
POOLED_COLUMNS = (
    ("pooled_r2", ">R2 of all", ".3f"),
    ("pooled_nmae", ">NMAE of all", ".2%"),
    ("pooled_mae", ">MAE of all", ".2f"),
    ("hourly_mae", ">hourly MAE", ".2f"),
)
"""Scores over all values together, shown where a task has them."""


def plain_text(value: Any) -> str:
    """A value as text; an instant in ISO 8601."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def format_number(value: float | None, form: str) -> str:
    """A number in the given format, or a dash where there is none."""
    return "-" if value is None else format(value, form)


def table_lines(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as aligned lines, its titles first; a column whose title begins with `>` is aligned to the right.

    A Chinese character counts as two columns. No value is ever shortened or wrapped, however narrow the terminal is.
    Titles are bold on a terminal, and everything is plain text elsewhere.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold" if sys.stdout.isatty() else "")
    for title in titles:
        table.add_column(title.removeprefix(">"), justify="right" if title.startswith(">") else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(
        file=io.StringIO(),
        width=UNLIMITED_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=sys.stdout.isatty(),
    )
    with console.capture() as capture:
        console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]


def pair_lines(document: Mapping[str, Any]) -> list[str]:
    """One line for each key and its value; nothing is a dash. A time says its offset itself, so its key need not."""
    return untitled_lines(_pairs(document))


def _pairs(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys and values; what is within a document has the keys of both, and each document of a list a line."""
    for key, value in document.items():
        name = key.removesuffix(TIME_KEY)
        if isinstance(value, Mapping) and value:
            yield from ((f"{name} {inner}", text) for inner, text in _pairs(value))
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            for one in value:
                yield name, ", ".join(f"{inner} {text}" for inner, text in _pairs(one))
        else:
            yield name, _pair_text(value)


def _pair_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(plain_text, value)) or "-"
    return "-" if value is None or value == {} else plain_text(value)


def in_local_time(document: Any, time_zone: str) -> Any:
    """A document for people: each instant as local time with its offset from UTC, also those within sentences.

    An instant is the value of a key that ends in `_utc`, or a time with an offset in ISO 8601 in a text.
    """
    if isinstance(document, Mapping):
        return {key: _local(key, value, time_zone) for key, value in document.items()}
    if isinstance(document, str):
        return INSTANT_TEXT.sub(lambda found: _local_text(found[0], time_zone), document)
    return [in_local_time(one, time_zone) for one in document] if isinstance(document, list) else document


def _local_text(text: str, time_zone: str) -> str:
    """A time in a text as local time; one that no clock shows, as a person may have written it, stays as it is."""
    try:
        return local_stamp(datetime.fromisoformat(text), time_zone)
    except (ValueError, OverflowError):
        return text


def _local(key: str, value: Any, time_zone: str) -> Any:
    if not key.endswith(TIME_KEY) or not isinstance(value, str | datetime):
        return in_local_time(value, time_zone)
    return local_stamp(datetime.fromisoformat(value) if isinstance(value, str) else value, time_zone)


def untitled_lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as aligned lines without titles."""
    listed = list(rows)
    return table_lines([""] * len(listed[0]), listed)[1:] if listed else []


def receipt_lines(receipts: list[dict[str, Any]]) -> list[str]:
    """Receipts as a table; a stage without a balance of rows or mass shows a dash. Rows in include registry rows."""
    unchanged = [
        f"{receipt['stage']}: {count} answers unchanged since they were received 应答未变"
        for receipt in receipts
        if (count := receipt.get("unchanged_answers", 0))
    ]
    return unchanged + table_lines(
        ["stage", ">rows in", ">rows out", ">balance", "quarantined"],
        [
            [
                receipt["stage"],
                f"{receipt['rows_in']:,}",
                f"{receipt['rows_out']:,}",
                _balance(receipt),
                ", ".join(f"{reason} {count:,}" for reason, count in receipt["quarantined"].items()) or "-",
            ]
            for receipt in receipts
        ],
    )


def _balance(receipt: dict[str, Any]) -> str:
    stage = flow.stage(receipt["stage"])
    return f"{receipt['balance']:.1e}" if stage.rows_balance or stage.mass_balance else "-"


def score_lines(document: Mapping[str, Any]) -> list[str]:
    """The scores of the models as a table; for a task with several modes also the champion in each."""
    champion = document["champion"]
    scores = dict(document["models"])
    for mode, models in document.get("modes", {}).items():
        if champion in models:
            scores[f"{champion}, {mode}"] = models[champion]
    pooled = [column for column in POOLED_COLUMNS if any(column[0] in score for score in scores.values())]
    columns = (*SCORE_COLUMNS, *pooled)
    table = table_lines(
        ["model", ">n", *(title for _, title, _ in columns)],
        [
            [
                _model_title(name, score),
                str(score["n"]),
                *(format_number(score.get(key), form) for key, _, form in columns),
            ]
            for name, score in scores.items()
        ],
    )
    hours = f"champion: {champion}; {document.get('hours', 'metrics over the hours in which a unit runs')}"
    return [*table, hours, *_minutes_lines(document.get("minutes_unknown", []))]


def _minutes_lines(units: Sequence[Mapping[str, Any]]) -> list[str]:
    """The units whose running minutes hourly load does not show, with the most R² of any model of it in fit years."""
    if not units:
        return []
    named = ", ".join(f"{plain_text(unit['id'])} {unit['most_r2']:.2f}" for unit in units)
    return [f"minutes unknown, with the most R² of any model of a unit's own hourly load in the fit years: {named}"]


def _model_title(name: str, score: Mapping[str, Any]) -> str:
    """The name of a model; one that no stage runs says so, so that its score is not read as that of the inventory."""
    return f"{name} (research, not run by the day)" if score.get("is_research") else name


def published_lines(document: dict[str, Any], time_zones: Mapping[str, str]) -> list[str]:
    """One line for each published version, with the times of its region."""
    titles = ["region", "day", "table", ">rows", "version", "known", "scenario"]
    rows = [
        [
            version["region"],
            str(version["day"]),
            version["table"],
            f"{version['rows']:,}",
            version["version"],
            local_stamp(datetime.fromisoformat(version["known_utc"]), time_zones[version["region"]]),
            version["scenario"] or "",
        ]
        for version in document["versions"]
    ]
    return table_lines(titles, rows) if rows else [NOTHING_PUBLISHED]
