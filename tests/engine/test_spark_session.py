"""How an engine that cannot be reached is refused."""

import socket

import pytest

from bigdata_emis.engine import spark_session
from bigdata_emis.errors import EngineError


@pytest.fixture
def silent_port():
    """A loopback port on which nobody listens, bound so that no other process takes it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_an_unknown_engine_is_refused_with_the_names_that_exist(monkeypatch):
    monkeypatch.setenv("EMIS_ENGINE", "flink")
    with pytest.raises(EngineError, match="'flink'.*sail, spark or sc://host:port") as refusal:
        spark_session.session()
    assert refusal.value.exit_status == 2


@pytest.mark.parametrize(
    "address",
    ["sc://", "sc://127.0.0.1:port", "sc://127.0.0.1:15002/path"],
    ids=["no host", "port is no number", "a path"],
)
def test_an_invalid_address_is_refused(address):
    with pytest.raises(EngineError, match="sc://host:port"):
        spark_session.session(address)


def test_an_address_where_nobody_listens_is_refused_at_once(silent_port):
    with pytest.raises(EngineError, match=f"nothing answers at sc://127.0.0.1:{silent_port}: Connection refused"):
        spark_session.session(f"sc://127.0.0.1:{silent_port}")


def test_a_listener_that_does_not_answer_is_refused_within_seconds(monkeypatch):
    monkeypatch.setattr(spark_session, "ANSWER_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"sc://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"nothing answers at {address} within 1 s"):
            spark_session.session(address)


def test_a_token_in_the_address_is_not_repeated_in_the_message(silent_port, monkeypatch):
    monkeypatch.setattr(spark_session, "ANSWER_SECONDS", 1)
    with pytest.raises(EngineError) as refusal:
        spark_session.session(f"sc://localhost:{silent_port}/;token=hush")
    assert "hush" not in str(refusal.value)
