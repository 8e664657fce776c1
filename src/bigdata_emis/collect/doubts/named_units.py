"""Units that a file names itself, in its headings or in a row below them, beside what feeds.toml declares.

Belongs here: a unit of a column that is not the one that would be taken. Does not: values that cannot be in that unit
(doubtful_units), or the units themselves (units).
"""

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.decode import DecodedAnswer
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.collect.shapes.declared_shape import concentration_field, likely_value_field
from bigdata_emis.collect.shapes.units import UNITS, Conversion, conversion
from bigdata_emis.errors import FeedError, InputError, shorten

OURS = Conversion(1)
BRACKETED = re.compile(r"[(（\[【]\s*(?:单位\s*[:：]\s*)?([^()（）\[\]【】]+?)\s*[)）\]】]\s*$")
LAST_WORD = re.compile(r"[\s_](\S{2,}|[%℃℉])$")
LETTER = re.compile(r"[A-Za-z]")
"""A single letter without brackets is no unit: `station C`, or the flag F of a monitor."""
GAS_SHARE = re.compile(r"pp[mb]v?", re.IGNORECASE)
LOOKED_AT_ROWS = 2
UNIT_COLUMNS = ("unit", "units", "Unit", "Units", "UNIT", "UNITS", "uom", "单位", "计量单位")
"""How a column with the unit of each row is called; only columns of these names are read."""


def check_named_units(answer: DecodedAnswer, feed: Feed, where: str) -> None:
    """Refuse a column that names a unit which is not that of our field, where feeds.toml declares none.

    A heading names it in brackets or as its last word, a file of printed reports in the first row below the header, and
    a table of many items in a column of its own.

    Raises:
        FeedError: with the unit to declare, or the column.
    """
    _check_unit_column(answer, feed, where)
    for name in feed.received_fields:
        column = feed.provider_column(name)
        if schema.field(name).kind != "number" or column not in answer.columns or _is_declared(name, feed):
            continue
        heading = feed.wide if name == feed.wide_value else column
        for unit in (_unit_of(heading), *_first_texts(answer.columns[column])):
            if unit and _is_other(unit, name):
                what = f"{where}: '{shorten(heading)}' names the unit {shorten(unit)}"
                raise FeedError(f"{what}, and our {name} is in {_our_unit(name)}", _remedy(unit, name, feed))


def _check_unit_column(answer: DecodedAnswer, feed: Feed, where: str) -> None:
    name = likely_value_field(feed.table_name)
    column = next((column for column in UNIT_COLUMNS if column in answer.columns), "")
    if not name or not column or _is_declared(name, feed) or not pa.types.is_string(answer.columns[column].type):
        return
    for unit in filter(None, pc.unique(answer.columns[column]).to_pylist()):
        if _is_other(unit.strip(), name):
            what = f"{where}: '{column}' says {shorten(unit)}, and our {name} is in {_our_unit(name)}"
            raise FeedError(what, f'write unit_column = "{column}" below [{feed.feed_id}] in feeds.toml')


def _is_declared(name: str, feed: Feed) -> bool:
    if name in feed.units or name in feed.factors or feed.unit_column or feed.shape:
        return True
    return bool(feed.pollutant_units) and name == concentration_field(feed.table_name)


def _unit_of(heading: str) -> str:
    found = BRACKETED.search(heading) or LAST_WORD.search(heading)
    return found[1] if found else ""


def _first_texts(column: Any) -> list[str]:
    """The texts of the first rows that hold no digit: a unit, where the rows below the header do."""
    if not pa.types.is_string(column.type):
        return []
    texts = (text.strip() for text in column.slice(0, LOOKED_AT_ROWS).to_pylist() if text)
    found = (text.strip("()（）[]【】") for text in texts if not text[:1].isdigit() and not LETTER.fullmatch(text))
    return [text for text in found if text]


def _is_other(unit: str, name: str) -> bool:
    """Whether a text is a unit of the field and not ours."""
    if GAS_SHARE.fullmatch(unit):
        return schema.field(name).unit in ("microgram/meter**3", "milligram/meter**3")
    try:
        return conversion(unit, name) != OURS
    except InputError:
        return False


def _our_unit(name: str) -> str:
    known = UNITS[schema.field(name).unit]
    return next(unit for unit, scale in known.items() if scale == OURS)


def _remedy(unit: str, name: str, feed: Feed) -> str:
    ours = _our_unit(name)
    if GAS_SHARE.fullmatch(unit):
        return f'write the unit of each pollutant, such as SO2 = "{unit}", below [{feed.feed_id}.pollutant_units]'
    return f'write {name} = "{unit}" below [{feed.feed_id}.units] in feeds.toml, or "{ours}" if the name is wrong'
