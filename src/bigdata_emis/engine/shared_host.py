"""Whether other people can log in to this machine: they could use a port of loopback that nothing closes.

Belongs here: who else is here, and the refusal that follows. Does not: closing the port (port_guard).
"""

import logging
import os
import pwd
from collections.abc import Iterable
from pathlib import Path

from bigdata_emis.errors import EngineError

ALLOWED = "allow"
VARIABLE = "EMIS_SHARED_HOST"
PEOPLE = range(1000, 65_000)
"""The user ids that Linux distributions give to people; smaller ones belong to the system (login.defs)."""
WITHOUT_LOGIN = ("nologin", "false", "sync", "shutdown", "halt")

_log = logging.getLogger(__name__)


def require_own_host() -> None:
    """Refuse to open an unprotected port where other people could use it.

    Raises:
        EngineError: this machine has other people's accounts or processes, and EMIS_SHARED_HOST is not `allow`.
    """
    others = other_people(pwd.getpwall(), _owners_of_processes(), own=os.getuid())
    if not others:
        return
    what = (
        "the embedded engine cannot close its port on this system, and other users of this machine could run code in it"
    )
    if os.environ.get(VARIABLE) != ALLOWED:
        raise EngineError(
            f"{what} ({', '.join(others)})", f"set EMIS_ENGINE to spark, or {VARIABLE}={ALLOWED} where all are trusted"
        )
    _log.warning("%s (%s); %s=%s accepts this", what, ", ".join(others), VARIABLE, ALLOWED)


def other_people(accounts: Iterable[pwd.struct_passwd], running: Iterable[int], *, own: int) -> list[str]:
    """The names of other people who can log in, and the ids of those who run processes without an account here."""
    names = {a.pw_uid: a.pw_name for a in accounts if a.pw_shell.rpartition("/")[2] not in (*WITHOUT_LOGIN, "")}
    present = {uid for uid in (*names, *running) if uid in PEOPLE and uid != own}
    return sorted(names.get(uid, f"user {uid}") for uid in present)


def _owners_of_processes() -> set[int]:
    """The user ids of all processes that this one can see."""
    owners = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            owners.add(folder.stat().st_uid)
        except OSError:
            continue  # it has ended
    return owners
