"""Text without secrets, for whatever is written to a file or shown by `emis doctor`.

Belongs here: which values of the environment are secrets, and their removal. Does not: the errors of one feed
(collect/redaction).
"""

import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from bigdata_emis.collect.asking.environment_text import environment_names, hide_password
from bigdata_emis.region import Region

SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_KEY|ACCESS_KEY", re.IGNORECASE)
BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{4,}")
QUERY_SECRET = re.compile(
    r"(?i)([?&;][\w.-]*(?:token|key|secret|pass|pwd|sign|sig|auth|appid|credential|session)[\w.-]*=)[^&;\s'\"]+"
)
"""A secret that an address holds as text: the word is in the name of its parameter, as in X-Amz-Signature."""
SHORTEST_SECRET = 4
"""Shorter values would blacken words that are no secrets."""


def secret_names(regions: Iterable[Region] = (), environment: Mapping[str, str] = os.environ) -> list[str]:
    """The environment variables that hold secrets: those that a feed names, and those whose name says so."""
    named = {name for region in regions for feed in region.feeds.values() for name in _names_of_feed(feed)}
    return sorted(named | {name for name in environment if SECRET_NAME.search(name)})


def without_secrets(text: str, names: Iterable[str], environment: Mapping[str, str] = os.environ) -> str:
    """The text with the values of these variables replaced by their names, and without passwords and tokens."""
    values = {environment.get(name, ""): name for name in names}
    spellings = {spelling: name for value, name in values.items() for spelling in _spellings(value)}
    for spelling in sorted((s for s in spellings if len(s) >= SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(spelling, f"{{{spellings[spelling]}}}")
    return QUERY_SECRET.sub(r"\1…", BEARER.sub(r"\1 …", hide_password(text)))


def _names_of_feed(feed: object) -> list[str]:
    """The variables that the declaration of a feed names; nothing of one that is not a table."""
    if not isinstance(feed, dict):
        return []
    secrets = [feed.get(key) for key in ("auth_secret", "database_secret")]
    named = [secret for secret in secrets if isinstance(secret, str) and secret]
    return [*environment_names(str(feed.get("address", ""))), *named]


def _spellings(value: str) -> tuple[str, ...]:
    """A value as it is, and as it is written in an address."""
    return value, quote(value), quote(value, safe=""), quote_plus(value)
