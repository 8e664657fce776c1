"""Commands whose refused attempts are kept in the audit trail: who tried what, and why it was refused.

Belongs here: the mark of such a command, and who acts. Does not: the row (attempt_record), or what a command refuses.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import typer

from bigdata_emis.cli.options import now
from bigdata_emis.errors import EmisError

Command = TypeVar("Command", bound=Callable[..., Any])


def recorded(act: str) -> Callable[[Command], Command]:
    """Mark a command as an act of control: when it is refused, the audit trail of its region says so.

    A region that cannot be loaded has no audit trail, and its attempts are not recorded.
    """

    def mark(command: Command) -> Command:
        @wraps(command)
        def marked(*args: Any, **options: Any) -> Any:
            try:
                return command(*args, **options)
            except EmisError as problem:
                record_attempt(act, str(options.get("region") or ""), str(options.get("by") or ""), problem)
                raise

        return marked  # type: ignore[return-value]

    return mark


def record_attempt(act: str, region: str, actor: str, problem: EmisError) -> None:
    """Record a refusal; when the registry itself refuses that for another reason, say so beside the refusal."""
    from bigdata_emis.region import load_region
    from bigdata_emis.storage.registries.attempt_record import is_refusal, record_refusal

    if not is_refusal(problem):
        return
    try:
        region_id = load_region(region).region_id
    except EmisError:
        return
    try:
        record_refusal(region_id, act=act, actor=actor, problem=problem, known_utc=now())
    except EmisError as unwritten:
        if unwritten.what == problem.what:
            return  # the refusal says already that nothing can be written there
        typer.echo(f"emis: the attempt is not in the audit trail: {unwritten.what}", err=True)


def check_act(by: str, note: str) -> str:
    """The person who asks, else the command. Raises InputError when a name or note is none."""
    if not by and not note:
        return "command"
    from bigdata_emis.publish.scenario_decision import check_person
    from bigdata_emis.publish.scenarios.scenario_changes import check_reason

    check_reason(note)
    return check_person(by) if by else "command"
