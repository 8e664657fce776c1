"""Messages about a feed without its secrets: neither a token nor a password of an address is ever printed.

Belongs here: what counts as a secret, and its removal from errors. Does not: the use of secrets (http_client).
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, quote_plus

from bigdata_emis.collect.asking.environment_text import environment_names, hide_password
from bigdata_emis.collect.feed_config import Feed
from bigdata_emis.errors import EmisError

QUERY_VALUE = r"([?&][^=&\s]+=)[^&\s,;:]+"


def show_address(feed: Feed) -> str:
    """The address as declared, with the names of environment variables, and without passwords and values of a query."""
    return re.sub(QUERY_VALUE, _shorten_value, hide_password(feed.address))


def redact(text: str, feed: Feed) -> str:
    """The text with the values of every variable that an address or a key of a secret names replaced by their names."""
    secrets = (feed.auth_secret, feed.database_secret, feed.bucket_secret)
    names = [*environment_names(feed.address + feed.bucket_endpoint), *filter(None, secrets)]
    values = {os.environ.get(name, "").strip("\r\n"): f"{{{name}}}" for name in names}
    if feed.bucket_secret:
        values[os.environ.get(feed.bucket_secret, "").partition(":")[2].strip()] = f"{{{feed.bucket_secret}}}"
    spellings = {spelling: name for value, name in values.items() for spelling in _spellings(value)}
    for spelling in sorted(filter(None, spellings), key=len, reverse=True):
        text = text.replace(spelling, spellings[spelling])
    return hide_password(text)


@contextmanager
def redacted_errors(feed: Feed) -> Iterator[None]:
    """Errors of the block that a person reads, raised again without secrets."""
    try:
        yield
    except EmisError as problem:
        what, remedy = redact(problem.what, feed), redact(problem.remedy, feed)
        if (what, remedy) == (problem.what, problem.remedy):
            raise
        raise type(problem)(what, remedy) from None


def _spellings(value: str) -> tuple[str, ...]:
    """A value as it is, and as it is written in an address."""
    return value, quote(value), quote(value, safe=""), quote_plus(value)


def _shorten_value(match: re.Match[str]) -> str:
    return match[0] if "{" in match[0] else f"{match[1]}…"
