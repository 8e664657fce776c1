"""Identifiers that are none of the registry but would be one, had no program in between rewritten them; and pollutants.

Belongs here: zeros that were removed, points and exponents that were added, codes of which none is ours. Does not: what
an unknown identifier means for a reading (clean).
"""

import logging
import re
from collections.abc import Iterable
from unicodedata import normalize

import pyarrow as pa
import pyarrow.compute as pc

from bigdata_emis import schema
from bigdata_emis.collect.answer_checks import UnusableAnswerError
from bigdata_emis.collect.feed_config import FORECAST_TABLE, Feed
from bigdata_emis.errors import shorten
from bigdata_emis.storage import database

log = logging.getLogger(__name__)

POLLUTANT = "pollutant_code"
BRACKETS = re.compile(r"\s*[(（\[].*")
REGISTERED = ("meter", "stack", "station")
"""Tables whose identifiers are compared; those of links are too many to be read each hour."""
GUARDS = "'=\"` \t"
"""What spreadsheets and people write around digits so that they stay a text."""
EXPONENT = re.compile(r"(\d)(?:\.(\d+))?e\+?(\d{1,2})", re.IGNORECASE | re.ASCII)
TRAILING_ZEROS = re.compile(r"(\d+)\.0+", re.ASCII)


def check_identifiers(rows: pa.Table, feed: Feed, where: str, region_id: str) -> None:
    """Refuse a pass of which no identifier is registered, where some are registered in another spelling.

    A pass without any registered identifier, of which none is alike, is logged: it is quarantined whole.

    Raises:
        UnusableAnswerError: with both spellings, and what to write.
    """
    name = schema.table(feed.table_name).key[0]
    parent = name.removesuffix("_id")
    if parent not in REGISTERED or not rows.num_rows or not database.can_be_read():
        return
    known = set(database.read(parent, region_id)[name].to_pylist())
    given = [text for text in pc.unique(rows[name]).to_pylist() if text]
    if not known or not given or any(text in known for text in given):
        return
    column = shorten(feed.provider_column(name))
    for text in given:
        if registered := _alike(text, known):
            what = f"{where}: '{shorten(text)}' of '{column}' is not registered, but '{shorten(registered)}' is"
            if EXPONENT.fullmatch(_plain(text)):
                raise UnusableAnswerError(what, "its last digits are lost: ask the provider for identifiers as texts")
            remedy = f'write "{shorten(text)}" = "{shorten(registered)}" below [{feed.feed_id}.codes.{name}]'
            raise UnusableAnswerError(what, f"ask the provider for identifiers as texts, or {remedy} if it is the same")
    log.warning(
        "%s: none of the %d identifiers of '%s' is registered, such as '%s'", where, len(given), column, given[0][:40]
    )


def check_pollutants(rows: pa.Table, feed: Feed, where: str) -> None:
    """Refuse a pass of readings of which no pollutant has a code: it would be quarantined whole.

    Raises:
        UnusableAnswerError: with the codes to write.
    """
    if POLLUTANT not in rows.column_names or feed.table_name == FORECAST_TABLE:
        return
    given = [text for text in pc.unique(rows[POLLUTANT]).to_pylist() if text]
    codes = schema.codes()[schema.field(POLLUTANT).code_list]
    if not given or any(text in codes for text in given):
        return
    text = shorten(given[0])
    likely = next((code for code in codes if code.casefold() == BRACKETS.sub("", given[0]).strip().casefold()), "…")
    what = f"{where}: none of the {len(given)} pollutants has a code of ours, such as '{text}'"
    raise UnusableAnswerError(
        what, f'write each, such as "{text}" = "{likely}", below [{feed.feed_id}.codes.{POLLUTANT}]'
    )


def _alike(text: str, known: Iterable[str]) -> str:
    """The registered identifier that a text would be; empty where none, or where several would."""
    plain = _plain(text)
    if match := EXPONENT.fullmatch(plain):
        digits = match[1] + (match[2] or "")
        alike = [one for one in known if _plain(one).startswith(digits) and len(_plain(one)) == int(match[3]) + 1]
        return sorted(alike)[0] if alike else ""
    alike = [one for one in known if _plain(one) == plain]
    return alike[0] if len(alike) == 1 else ""


def _plain(text: str) -> str:
    """An identifier without what programs change: width, case, guards, zeros in front, a point and zeros behind."""
    plain = normalize("NFKC", text).strip(GUARDS).casefold()
    whole = TRAILING_ZEROS.fullmatch(plain)
    return (whole[1] if whole else plain).lstrip("0")
