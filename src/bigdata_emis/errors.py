"""Everything the project refuses, as a tree of errors that each say what, where and how to mend.

Belongs here: exception classes and their exit status. Does not: any handling of them (cli does that, once).
"""


class EmisError(Exception):
    """A refusal that a person can act on: what is wrong and where, then how to mend it."""

    exit_status = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}" if remedy else what)


class InputError(EmisError):
    """Bad input: a file, a window, a region folder, a table or a feed that cannot be used as given."""

    exit_status = 2


class EngineError(InputError):
    """The engine named by EMIS_ENGINE cannot be had."""


class SchemaError(InputError):
    """A frame does not fit the declared table: a column, a type, a key or a bound."""


class FeedError(InputError):
    """A feed answered with an error, with half a body, or with something that is not what it declares."""


class RefusedError(EmisError):
    """A check refused to publish; what was published before stays in place."""

    exit_status = 3
