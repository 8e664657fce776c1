"""An engine that is not there is refused before the first stage, and not asked for where no stage computes on it."""

import pytest

from bigdata_emis import flow
from bigdata_emis.engine import spark_session
from bigdata_emis.errors import EngineError
from bigdata_emis.run.engine_check import require_engine

NO_SERVER = "sc://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "ANSWER_SECONDS", 0.1)


def test_a_flow_with_a_stage_of_the_engine_needs_its_server(home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_ENGINE", NO_SERVER)
    with pytest.raises(EngineError, match=f"nothing answers at {NO_SERVER}"):
        require_engine([flow.stage("register"), flow.stage("combine")])


def test_collecting_needs_no_server_but_a_valid_name(home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMIS_ENGINE", NO_SERVER)
    require_engine([flow.stage("collect_power")])
    monkeypatch.setenv("EMIS_ENGINE", "spark3")
    with pytest.raises(EngineError, match="EMIS_ENGINE is 'spark3', which is not an engine"):
        require_engine([flow.stage("collect_power")])
