"""A feed as its region declares it in feeds.toml: where it is, how it is asked, and what its columns are called.

Belongs here: the declared feed and the checks of its keys. Does not: asking it (http_client) or reading its answers
(decode, values).
"""

import difflib
import json
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from bigdata_emis import schema
from bigdata_emis.collect.asking.environment_text import hide_password
from bigdata_emis.collect.asking.key_kinds import Count, Day, Deadline, Number, Rows, Span, Text, Texts
from bigdata_emis.collect.edge.edge_tables import STORED_TABLES, check_reducible, received_table
from bigdata_emis.collect.feed_ranges import check_feed_ranges
from bigdata_emis.collect.formats.campd import STATUS as CAMPD_STATUS
from bigdata_emis.collect.formats.campd import VALID_STATUSES as CAMPD_VALID
from bigdata_emis.collect.formats.delimited import FileLayout
from bigdata_emis.collect.formats.json_records import RECORDS
from bigdata_emis.collect.shapes.declared_shape import check_declared_shape, likely_value_field, trim_declared_names
from bigdata_emis.collect.shapes.numbers import NumberSpelling
from bigdata_emis.errors import InputError
from bigdata_emis.region import Region
from bigdata_emis.schema.arrow import TYPES

COLLECTED_FIELDS = frozenset({"record_number", "flag_codes"})
"""Fields of a table of readings that collecting fills itself."""
STATUS_FIELD = "flag_codes"
"""The field to which the status that a monitor sends is mapped."""
CLOCK_COLUMN = "clock"
"""The name, in `wide` and in time_columns, of a clock time that the names of columns hold."""
FORECAST_TABLE, FORECAST_AHEAD_H = "air_quality_forecast", 168
"""A forecast is asked for as far ahead as an alert looks (144 h), and a day more."""
ISSUE_DAY = "{issue_day}"
"""What a dropped file of a forecast has in its name: the local day of issue, and not the day that is forecast."""
LONGEST_SHOWN = 80
MISSING: Any = object()
MEMBERS = {
    "columns": "the name of our field",
    "factors": "a finite number",
    "query": "a text, in quotes",
    "units": "a unit, in quotes",
    "pollutant_units": "a unit, in quotes",
    "codes": "a table of provider's text = our code",
    "ignored": "a list of texts",
    "only": "a list of texts",
}
"""What a member of a table of feeds.toml is."""


class Feed(BaseModel):
    """One feed of a region.

    The first three attributes say which feed it is; every other one is a key of feeds.toml. `description` and
    `examples` of a key are what a refusal says.

    constants: our field to a value that is not sent. absent_fields: our fields that are not sent and stay empty.
    answer_deadline_s, pass_deadline_s: time from a request to its complete answer, and for all answers of one window.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    feed_id: str
    table_name: str
    folder: Path

    format: Literal["json", "jsonl", "csv", "parquet", "xlsx", "hj212"] = Field(
        description="json, jsonl, csv, parquet, xlsx or hj212",
        examples=['format = "csv" (or "json", "jsonl", "parquet", "xlsx", "hj212")'],
    )
    drop: Text = ""
    bucket_secret: Text = ""
    bucket_endpoint: Text = ""
    address: Text = ""
    database_secret: Text = ""
    query_sql: Text = ""
    cursor_column: Text = ""
    cursor_overlap_s: Span = 900
    http_from: Day = None
    page_size: Count = 5000
    http_format: Literal["json", "jsonl", "csv", "parquet"] = Field(
        default="json", description="json, jsonl, csv or parquet", examples=['http_format = "csv"']
    )
    paging: Literal["pages", "single", "page", "offset", "cursor", "window"] = Field(
        default="pages", description="pages, single, page, offset, cursor or window", examples=['paging = "page"']
    )
    first_page: Rows = 1
    total: Text = ""
    next: Text = ""
    window_h: Count = 24
    query: dict[str, str] = Field(
        default_factory=dict,
        description="a table of parameter = text",
        examples=['date_from = "{{from}}" below [{feed}.query]'],
    )
    query_time: Text = ""
    query_zone: Text = ""
    auth_secret: Text = ""
    auth: Literal["bearer", "header", "query", "basic", "signed"] = Field(
        default="bearer", description="bearer, header, query, basic or signed", examples=['auth = "header"']
    )
    auth_name: Text = ""
    sign_method: Literal["hmac-sha256", "md5"] = Field(
        default="hmac-sha256", description="hmac-sha256 or md5", examples=['sign_method = "md5"']
    )
    late_h: Span = 0
    ahead_h: Span = 0
    drop_rows: Literal["whole", "new"] = Field(
        default="whole", description="whole or new", examples=['drop_rows = "new"']
    )
    time_zone: Text
    timeout_s: Span = 60
    attempts: Count = 5
    wait_s: Span = 0.5
    longest_wait_s: Span = 60
    answer_deadline_s: Deadline = 120
    pass_deadline_s: Deadline = 1200
    largest_answer_bytes: Count = 1 << 28
    largest_pass_bytes: Count = 1 << 30
    largest_pass_rows: Count = 2_000_000
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="a table of provider's name = our field",
        examples=['<provider\'s name> = "<our field>" below [{feed}.columns]'],
    )
    factors: dict[str, int | Number] = Field(
        default_factory=dict,
        description="a table of our field = number",
        examples=["<our field> = 1000.0 below [{feed}.factors]"],
    )
    constants: dict[str, Any] = Field(
        default_factory=dict,
        description="a table of our field = value",
        examples=["<our field> = <value> below [{feed}.constants]"],
    )
    encoding: Text = ""
    separator: Text = ""
    skip_rows: Rows = 0
    header_rows: Count = 1
    sheet: Text = ""
    records: Text = RECORDS
    shape: Literal["", "campd"] = Field(default="", description="campd", examples=['shape = "campd"'])
    wide: Text = ""
    wide_value: Text = ""
    merged_columns: Texts = Field(default_factory=list)
    time_columns: Texts = Field(default_factory=list)
    time_format: Text = ""
    time_mark: Literal["", "start", "end"] = Field(
        default="", description="start or end", examples=['time_mark = "end"']
    )
    decimal: Literal[".", ","] = Field(default=".", description='"." or ","', examples=['decimal = ","'])
    thousands: Literal["", ",", ".", " ", "'"] = Field(
        default="", description="a sign between thousands", examples=['thousands = ","']
    )
    null_values: Texts = Field(default_factory=list)
    cumulative: Texts = Field(default_factory=list)
    counter_end: Annotated[float | None, Field(gt=0, description="a number above 0")] = None
    multipliers: dict[str, dict[str, float]] = Field(
        default_factory=dict,
        description="tables of local time = number",
        examples=['"2024-12-18" = 60 below [{feed}.multipliers."<meter>"]'],
    )
    zeros_missing: Texts = Field(default_factory=list)
    valid_statuses: Texts = Field(default_factory=lambda: ["N"])
    unit_column: Text = ""
    units: dict[str, str] = Field(
        default_factory=dict,
        description="a table of our field = unit",
        examples=['<our field> = "kW" below [{feed}.units]'],
    )
    pollutant_units: dict[str, str] = Field(
        default_factory=dict,
        description="a table of pollutant = unit",
        examples=['CO = "mg/m3" below [{feed}.pollutant_units]'],
    )
    codes: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="tables of provider's text = our code",
        examples=['"<provider\'s text>" = "<our code>" below [{feed}.codes.<our field>]'],
    )
    ignored: dict[str, list[str]] = Field(
        default_factory=dict,
        description="a table of our field = list of texts",
        examples=['pollutant_code = ["AQI", "*_24h"] below [{feed}.ignored]'],
    )
    only: dict[str, list[str]] = Field(
        default_factory=dict,
        description="a table of our field = list of texts",
        examples=['station_id = ["1001A", "10*"] below [{feed}.only]'],
    )
    absent_fields: list[str] = Field(
        default_factory=list, description="a list of our fields", examples=['absent_fields = ["<our field>"]']
    )
    cadence_min: Any = None
    kind: Any = None
    name_en: Any = None
    name_zh: Any = None
    source: Any = None

    @model_validator(mode="after")
    def _check_origin(self) -> Self:
        if not self.drop and not self.address and not self.database_secret:
            raise _refuse((), "drop or address, or database_secret", "say in one of them where the feed comes from")
        if self.database_secret and not (":from" in self.query_sql and ":to" in self.query_sql):
            raise _refuse(("query_sql",), "a query with :from and :to", 'end it with "at >= :from and at < :to"')
        return self

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        """Every name of one of our fields is a field of the table, and the provider sends it at most once."""
        for part, values in (("factors", self.factors), ("constants", self.constants)):
            for name in values:
                self._check_name(name, (part, name))
        for theirs, ours in self.columns.items():
            self._check_column(theirs, ours)
        for name in self.absent_fields:
            self._check_name(name, ("absent_fields",))
            if name in schema.table(self.table_name).key or name in self.columns.values():
                raise _refuse(("absent_fields",), f"fields without a column; {name} has one or needs one", "remove it")
        return self

    @model_validator(mode="after")
    def _check_kinds(self) -> Self:
        """Factors and constants fit the kind of their field."""
        for name in self.factors:
            if schema.field(name).kind not in ("number", "integer"):
                raise _refuse(("factors", name), "a factor of a number", f"remove it, {name} is no number")
        for name, value in self.constants.items():
            kind = schema.field(name).kind
            try:
                pa.array([value], TYPES[kind])
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                raise _refuse(("constants", name), f"a value of kind {kind}", f"write a {kind}") from None
        return self

    def _check_column(self, theirs: str, ours: str) -> None:
        if ours != STATUS_FIELD:
            self._check_name(ours, ("columns", theirs))
        if ours in self.constants:
            raise _refuse(("columns", theirs), f"a field without a value in constants.{ours}", "remove one of them")
        twice = [name for name, field in self.columns.items() if field == ours]
        if len(twice) > 1:
            columns = " and ".join(f"'{name}'" for name in twice)
            raise _refuse(("columns", theirs), f"one column for {ours}, not {columns}", "remove all but one")

    def _check_name(self, name: str, path: tuple[str, ...]) -> None:
        names = [field for field in schema.table(self.table_name).names if field not in COLLECTED_FIELDS]
        if name not in names:
            remedy = f"write {_nearest(name, names) or 'one of ' + ', '.join(names)}"
            raise _refuse(path, f"a field of {self.table_name}, not '{name}'", remedy)

    @property
    def received_fields(self) -> tuple[str, ...]:
        """The fields that a column of the provider may fill: all but constants and those that collecting fills."""
        filled = COLLECTED_FIELDS | self.constants.keys()
        return tuple(name for name in schema.table(self.table_name).names if name not in filled)

    @property
    def received_columns(self) -> tuple[str, ...]:
        """The names under which the provider sends these fields."""
        return tuple(self.provider_column(name) for name in self.received_fields)

    @property
    def source_columns(self) -> tuple[str, ...] | None:
        """The columns of an answer that are read; None for all, as a wide table needs."""
        if self.wide or self.shape:
            return None
        more = [name for name in (*self.time_columns, self.unit_column, self.status_column) if name]
        named = [name for field in (*self.ignored, *self.only) if (name := self.provider_column(field))]
        return tuple(dict.fromkeys((*self.received_columns, *more, *named)))

    @property
    def stored_table(self) -> str:
        """The table in which its rows are stored; of a reduced feed not the one as which they are read."""
        return STORED_TABLES.get(self.table_name, self.table_name)

    @property
    def is_reduced(self) -> bool:
        """Whether only counts of its rows are stored."""
        return self.table_name in STORED_TABLES

    @property
    def status_column(self) -> str:
        """What the provider calls the status of its monitor; empty where it sends none."""
        return self._provider_columns.get(STATUS_FIELD, "")

    @property
    def layout(self) -> FileLayout:
        """How its files of text are laid out."""
        return FileLayout(self.encoding, self.separator, self.skip_rows, self.header_rows, self.sheet)

    @property
    def number_spelling(self) -> NumberSpelling:
        """How its numbers are written."""
        return NumberSpelling(self.decimal, self.thousands, tuple(self.null_values))

    @property
    def is_named_by_issue(self) -> bool:
        """Whether a dropped file is named by the day of issue."""
        return ISSUE_DAY in self.drop

    def provider_column(self, name: str) -> str:
        """What the provider calls one of our fields."""
        return self._provider_columns.get(name, name)

    def comes_by_http(self, day: date) -> bool:
        """Whether the readings of a local day are asked for over HTTP or of a database, or taken from the file drop."""
        if not self.address and not self.database_secret:
            return False
        return not self.drop or (self.http_from is not None and day >= self.http_from)

    @cached_property
    def _provider_columns(self) -> dict[str, str]:
        return {ours: theirs for theirs, ours in self.columns.items()}


FEED_KEYS = frozenset(Feed.model_fields) - {"feed_id", "table_name", "folder"}
"""The keys that a feed of feeds.toml may have."""


def read_feed(region: Region, feed_id: str, table_name: str) -> Feed:
    """The feed of a region by its name in feeds.toml.

    Raises:
        InputError: the feed is not declared, has neither drop nor address, has a key that no feed has, names a field
            that its table does not have, or a value is of the wrong kind.
    """
    where, table_name = f"{region.folder / 'feeds.toml'}, [{feed_id}]", received_table(table_name)
    given = region.feeds.get(feed_id)
    if not isinstance(given, dict):
        raise InputError(f"{where} is missing", "declare the feed or leave its stage out")
    for key in sorted(given.keys() - FEED_KEYS):
        nearest = _nearest(key, FEED_KEYS)
        remedy = f"write {nearest}" if nearest else f"use one of {', '.join(sorted(FEED_KEYS))}"
        raise InputError(f"{where}, {key} = {_as_toml(given[key])}: expected a key of a feed", remedy)
    ahead = {"ahead_h": FORECAST_AHEAD_H} if table_name == FORECAST_TABLE else {}
    defaults: dict[str, Any] = {"time_zone": region.time_zone, **ahead}
    if given.get("shape") == "campd":
        defaults |= {"columns": {CAMPD_STATUS: STATUS_FIELD}, "valid_statuses": list(CAMPD_VALID)}
    identity = {"feed_id": feed_id, "table_name": table_name, "folder": region.folder}
    try:
        feed = Feed.model_validate(defaults | trim_declared_names(given) | identity)
    except ValidationError as problem:
        raise _as_refusal(problem.errors()[0], given, where, feed_id) from None
    feed.model_fields_set.difference_update({"time_zone"} - given.keys())
    check_feed_ranges(given, where)
    check_declared_shape(given, table_name, where)
    check_reducible(given, table_name, where)
    if feed.wide and not feed.wide_value:
        return feed.model_copy(update={"wide_value": likely_value_field(table_name)})
    return feed


def _refuse(path: tuple[str, ...], expected: str, remedy: str) -> PydanticCustomError:
    """A refusal by a check over several keys, with the key, what was expected and what to do."""
    return PydanticCustomError("feed", "refused", {"path": path, "expected": expected, "remedy": remedy})


def _as_refusal(error: ErrorDetails, given: dict[str, Any], where: str, feed_id: str) -> InputError:
    """A validation error as one line: file, feed, key = value: expected … — what to do."""
    context = error.get("ctx", {})
    path = tuple(str(part) for part in context.get("path", error["loc"]))[:2]
    expected, remedy = context.get("expected", ""), context.get("remedy", "")
    if error["type"] != "feed":
        declared = Feed.model_fields[path[0]]
        expected = declared.description or ""
        if len(path) > 1:
            expected = MEMBERS.get(path[0], expected)
        example = str((declared.examples or [""])[0])
        remedy = f"write {example.replace('{key}', path[0]).replace('{feed}', feed_id)}"
    key, value = ".".join(path), given
    for part in path:
        value = value.get(part, MISSING) if isinstance(value, dict) else value
    if value is MISSING:
        return InputError(f"{where}: {key} is missing, expected {expected}", remedy)
    return InputError(f"{where}{f', {key} = {_as_toml(value)}' if key else ''}: expected {expected}", remedy)


def _nearest(name: str, known: Any) -> str:
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1)), "")


def _as_toml(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, float) else str(value)
    text = hide_password(text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
