"""The errors of the project: each says what is wrong, where, and what to do about it.

Belongs here: exception classes, their exit status, and a value as a message shows it. Does not: handling errors, which
cli does in one place.
"""

LONGEST_SHOWN = 80
"""Characters of a value that a message shows."""


class EmisError(Exception):
    """An error that a person can act on.

    what: what is wrong and where (file, row, column, value), and what was expected.
    remedy: what to do.
    """

    exit_status = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}" if remedy else what)


class InputError(EmisError):
    """A file, window, region folder, table or feed cannot be used as given."""

    exit_status = 2


class EngineError(InputError):
    """The engine that EMIS_ENGINE names cannot be started or reached."""


class SchemaError(InputError):
    """A frame does not fit its declared table: a column, a type, a key or a bound."""


class FeedError(InputError):
    """A feed answered with an error, with half a body, or with something else than it declares."""


class AnalysisError(EmisError):
    """A stage that the published inventory does not need has failed; the inventory is as it would be without it."""


class RefusedError(EmisError):
    """A check refused to publish; what was published before stays as it is."""

    exit_status = 3


class PartialError(EmisError):
    """The work is done, and what was published is partial: the message says what is missing."""

    exit_status = 4


def shorten(value: object) -> str:
    """A value as a message shows it: at most LONGEST_SHOWN characters, each of them printable."""
    text = str(value)
    shown = escape_unprintable(text[:LONGEST_SHOWN])
    return shown if len(text) <= LONGEST_SHOWN else f"{shown}… ({len(text):,} characters)"


def escape_unprintable(text: str) -> str:
    """The text with control characters, and others without a glyph, written as escapes such as u202e."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
