"""Whether the values of a feed in feeds.toml are in range: numbers, dates, addresses, paths, factors and constants.

Belongs here: what a value may be beyond its kind. Does not: the keys and their kinds (feed_config), or asking the feed.
"""

import math
import re
from typing import Any
from urllib.parse import urlsplit

from bigdata_emis import schema
from bigdata_emis.errors import InputError, shorten
from bigdata_emis.region import as_toml
from bigdata_emis.schema.model import Field
from bigdata_emis.schema.region_keys import region_keys
from bigdata_emis.text_values import bounds_problem
from bigdata_emis.window import is_time_zone

SMALLEST_FACTOR, LARGEST_FACTOR = 1e-12, 1e12
LONGEST_FILE_NAME_BYTES = 255
ADDRESS_SCHEMES = ("http", "https")
DEFAULT_SIGNATURE = "sign"
"""The name of the parameter with the signature of a query, unless auth_name says another."""
COUNTED_PAGES = ("page", "offset", "cursor")
PLACEHOLDER = re.compile(r"\{\w+\}")
ENVIRONMENT_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_feed_ranges(given: dict[str, Any], where: str) -> None:
    """Refuse the first value that cannot be used although it is of the right kind.

    Raises:
        InputError: with key, value, what was expected and what to write.
    """
    for name, key in region_keys("feeds.toml", "feed").items():
        if name in given and not key.allows(given[name]):
            what = f"{where}, {name} = {as_toml(given[name])}: expected {key.expected}"
            raise InputError(what, f"write for instance {key.example}")
    _check_texts(given, where)
    for name, factor in given.get("factors", {}).items():
        if not SMALLEST_FACTOR <= factor <= LARGEST_FACTOR:
            what = f"{where}, factors.{name} = {as_toml(factor)}: expected a number above 0, at most {LARGEST_FACTOR:g}"
            raise InputError(what, f"write what a value is multiplied by, for instance {name} = 1000.0")
    for name, value in given.get("constants", {}).items():
        _check_constant(schema.field(name), value, where)


def _check_texts(given: dict[str, Any], where: str) -> None:
    zone, secret = given.get("time_zone"), given.get("auth_secret")
    if zone is not None and not is_time_zone(zone):
        what = f'{where}, time_zone = "{shorten(zone)}": expected an IANA time zone'
        raise InputError(what, 'write for instance time_zone = "Asia/Shanghai"')
    if (asked := given.get("query_zone")) and not is_time_zone(asked):
        what = f'{where}, query_zone = "{shorten(asked)}": expected an IANA time zone'
        raise InputError(what, 'write for instance query_zone = "Asia/Shanghai"')
    _check_paging(given, where)
    _check_signature(given, where)
    _check_cursor(given, where)
    _check_bucket(given, where)
    if secret and not ENVIRONMENT_VARIABLE.fullmatch(secret):
        what = f"{where}, auth_secret: expected the name of an environment variable"
        raise InputError(what, "write the name, such as EMIS_FEED_TOKEN, and never the token itself")
    if any(len(part.encode()) > LONGEST_FILE_NAME_BYTES for part in given.get("drop", "").split("/")):
        what = f"{where}, drop = {as_toml(given['drop'])}: a name in it is longer than {LONGEST_FILE_NAME_BYTES} bytes"
        raise InputError(what, 'write a path such as drop = "drop/power/{day}.csv"')
    if address := given.get("address", ""):
        _check_address(address, f"{where}, address")


def _check_paging(given: dict[str, Any], where: str) -> None:
    """Refuse a paging whose parameter is in no text of the query, or whose end could not be proven."""
    kind, query = given.get("paging", "pages"), given.get("query", {})
    if kind in COUNTED_PAGES and query and not any(f"{{{kind}}}" in text for text in query.values()):
        what = f'{where}, paging = "{kind}": no text of query holds {{{kind}}}'
        raise InputError(what, f'write for instance query.{kind} = "{{{kind}}}"')
    if kind in ("offset", "cursor") and not query:
        raise InputError(f'{where}, paging = "{kind}": query is missing', f'write query.{kind} = "{{{kind}}}"')
    if kind == "cursor" and not given.get("next"):
        raise InputError(f'{where}, paging = "cursor": next is missing', 'write the path to it, next = "meta.next"')
    if given.get("http_format", "json") != "json" and kind != "single":
        raise InputError(f'{where}, paging = "{kind}": answers of JSON have pages', 'write paging = "single"')


def _check_signature(given: dict[str, Any], where: str) -> None:
    """Refuse a query that is to be signed without a secret, and a method of signing that nothing uses."""
    is_signed = given.get("auth") == "signed"
    if is_signed and not given.get("auth_secret"):
        what = f'{where}, auth = "signed": auth_secret is missing'
        raise InputError(what, 'write the name of the environment variable, auth_secret = "POWER_SECRET"')
    if "sign_method" in given and not is_signed:
        raise InputError(f"{where}, sign_method: nothing is signed", 'write auth = "signed", or remove it')
    name = given.get("auth_name") or DEFAULT_SIGNATURE
    if is_signed and name in given.get("query", {}):
        what = f"{where}, query.{name}: the signature is sent under this name"
        raise InputError(what, f"remove {name} from query, or write another auth_name")


def _check_cursor(given: dict[str, Any], where: str) -> None:
    """Refuse a cursor of what is no database, and of counters: each of their amounts needs the reading before."""
    if not given.get("cursor_column"):
        return
    if not given.get("database_secret"):
        raise InputError(f"{where}, cursor_column: only a database is asked by a column", "remove it")
    if given.get("cumulative"):
        what = f"{where}, cursor_column: a reading of a counter needs the one before it, which would not be sent again"
        raise InputError(what, "remove cursor_column, or cumulative")


def _check_bucket(given: dict[str, Any], where: str) -> None:
    """Refuse another place of files than a folder or a bucket, one without a name, and keys of a bucket without one."""
    drop = given.get("drop", "")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", drop) and not re.match(r"s3://[^/]+/.*[^/]$", drop):
        what = f"{where}, drop = {as_toml(drop)}: expected a path of this machine, or a file in a bucket"
        raise InputError(what, 'write for instance drop = "s3://BUCKET/power/{day}.csv"')
    for key in ("bucket_secret", "bucket_endpoint"):
        if given.get(key) and not drop.startswith("s3://"):
            raise InputError(f"{where}, {key}: no bucket is read", 'write drop = "s3://…", or remove it')
    if (secret := given.get("bucket_secret")) and not ENVIRONMENT_VARIABLE.fullmatch(secret):
        what = f"{where}, bucket_secret: expected the name of an environment variable"
        raise InputError(what, "write the name, such as POWER_BUCKET, which holds ACCESS_KEY:SECRET_KEY")
    if endpoint := given.get("bucket_endpoint"):
        _check_address(endpoint, f"{where}, bucket_endpoint")


def _check_address(address: str, where: str) -> None:
    """Refuse an address that is none, as far as it does not come from the environment."""
    begins_elsewhere = PLACEHOLDER.match(address) is not None
    plain = PLACEHOLDER.sub("1", address)
    try:
        parts = urlsplit(f"http://host{plain}" if begins_elsewhere else plain)
        is_address = parts.scheme in ADDRESS_SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or " " in address:
        what = f"{where}: expected an address that begins with http:// or https://"
        raise InputError(what, 'write for instance "https://host:8443/power"')


def _check_constant(declared: Field, value: Any, where: str) -> None:
    """A constant is in the bounds of its field: every reading would be quarantined otherwise."""
    problem = ""
    if declared.kind in ("number", "integer"):
        is_number = not isinstance(value, bool) and math.isfinite(value)
        problem = bounds_problem(value, declared) if is_number else "give a finite number"
    elif declared.code_list and declared.kind == "string" and value not in schema.codes()[declared.code_list]:
        problem = f"use one of {', '.join(sorted(schema.codes()[declared.code_list]))[:200]}"
    if problem:
        raise InputError(f"{where}, constants.{declared.name} = {as_toml(value)} cannot be used", problem)
