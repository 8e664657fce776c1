"""Attempts that were refused, in the audit trail: who tried what, when, and why it was refused.

Belongs here: the row of one attempt. Does not: which commands are acts of control (cli, airflow), the acts themselves.
"""

from datetime import datetime

from bigdata_emis.codes import Authentication
from bigdata_emis.errors import EmisError, InputError, RefusedError, escape_unprintable
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.storage.scenario_record import scenario_transaction

COMMAND = "command"
"""The actor of an attempt that names nobody."""
LONGEST_NOTE, LONGEST_ACTOR = 400, 80


def is_refusal(problem: EmisError) -> bool:
    """Whether an error says that an act was refused, and not that a part of the system failed."""
    return isinstance(problem, InputError | RefusedError)


def record_refusal(region_id: str, *, act: str, actor: str, problem: EmisError, known_utc: datetime) -> None:
    """Add a refused attempt to the audit trail of a region; nothing else is written."""
    prepare_registry()
    with scenario_transaction(region_id) as registry:
        registry.add_act(
            actor=_printable(actor, LONGEST_ACTOR) or COMMAND,
            event=f"{act} refused",
            note=_printable(str(problem), LONGEST_NOTE),
            authentication_code=Authentication.COMMAND if actor.strip() in ("", COMMAND) else None,
            known_utc=known_utc,
        )


def _printable(text: str, longest: int) -> str:
    """The text as one line of printable characters."""
    line = escape_unprintable(" ".join(text.split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
