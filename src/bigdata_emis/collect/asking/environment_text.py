"""Texts of feeds.toml with names of environment variables in them, and passwords that no message may show.

Belongs here: {NAME} in a text. Does not: secrets of requests (http_client), or taking them out of errors (redaction).
"""

import os
import re

from bigdata_emis.errors import InputError

ENVIRONMENT_NAME = r"\{([A-Z][A-Z0-9_]*)\}"
FEEDS_ADDRESS = "EMIS_FEEDS_ADDRESS"
"""What the feeds.toml of the demonstration names."""
SERVED_BY_DEMO = (
    "the simulated feeds of the demonstration are served only by `emis demo` while it runs, and by `make airflow` to "
    "its DAGs; what `emis demo` published is there without them (emis published)"
)


def hide_password(text: str) -> str:
    """The text without what is before the last @ of an address: a password may hold an @ or a slash.

    USER@, as an advice writes it, is no person.
    """
    return re.sub(r"(?<=://)(?!USER@)\S*@", "…@", text)


def environment_names(text: str) -> list[str]:
    """The names of environment variables in a text: each {NAME} in capitals."""
    return re.findall(ENVIRONMENT_NAME, text)


def unset_names(text: str) -> list[str]:
    """The names of environment variables in a text that are not set."""
    return [name for name in environment_names(text) if not os.environ.get(name)]


def expand_environment(text: str, where: str) -> str:
    """The text with each {NAME} in capitals replaced from the environment.

    Raises:
        InputError: a variable is not set.
    """

    def value(match: re.Match[str]) -> str:
        given = os.environ.get(match[1])
        if not given:
            remedy = f"export {match[1]}=…{f'; {SERVED_BY_DEMO}' if match[1] == FEEDS_ADDRESS else ''}"
            raise InputError(f"{where}: the environment variable {match[1]} is not set", remedy)
        return given

    return re.sub(ENVIRONMENT_NAME, value, text)
