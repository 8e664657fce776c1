"""The check, before any stage begins, that the engine that EMIS_ENGINE names is there.

Belongs here: which stages compute on the engine. Does not: opening its session (engine/spark_session).
"""

from collections.abc import Iterable

from bigdata_emis.engine import spark_session
from bigdata_emis.flow import Stage


def require_engine(stages: Iterable[Stage]) -> None:
    """Open the session of the engine when one of the stages computes on it; else check only that its name is one.

    Otherwise a day would collect for minutes before its first stage that computes on the engine is refused.

    Raises EngineError, within seconds, when EMIS_ENGINE is no engine, or when the engine is not there.
    """
    spark_session.require_known_engine()
    if any(stage.frame == "spark" for stage in stages):
        spark_session.session()
