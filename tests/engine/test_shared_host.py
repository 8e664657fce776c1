"""Where the engine's port cannot be closed, a machine with other people is refused unless they are trusted."""

import logging
import pwd

import pytest

from bigdata_emis.engine import port_guard, shared_host, spark_session
from bigdata_emis.engine.port_guard import UnguardedError
from bigdata_emis.engine.shared_host import VARIABLE, other_people, require_own_host
from bigdata_emis.errors import EngineError


def account(name: str, uid: int, shell: str = "/bin/bash") -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", uid, uid, "", "/", shell))


ACCOUNTS = [
    account("root", 0),
    account("postgres", 70, "/bin/sh"),
    account("emis", 1000),
    account("li", 1001),
    account("backup", 1002, "/usr/sbin/nologin"),
    account("nobody", 65534, "/bin/sh"),
]


def test_people_with_a_shell_and_owners_of_processes_are_others_and_the_system_is_not() -> None:
    assert other_people(ACCOUNTS, [0, 70, 1000, 4242], own=1000) == ["li", "user 4242"]
    assert other_people(ACCOUNTS, [1000], own=1001) == ["emis"]
    assert other_people(ACCOUNTS[:3], [0, 1000], own=1000) == []


def test_a_shared_machine_is_refused_unless_it_is_allowed(monkeypatch, caplog) -> None:
    monkeypatch.setattr(shared_host.pwd, "getpwall", lambda: ACCOUNTS)
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(EngineError, match=r"other users .*li.*; set EMIS_ENGINE to spark, or EMIS_SHARED_HOST=allow"):
        require_own_host()
    monkeypatch.setenv(VARIABLE, "yes")
    with pytest.raises(EngineError):
        require_own_host()
    monkeypatch.setenv(VARIABLE, "allow")
    with caplog.at_level(logging.WARNING):
        require_own_host()
    assert "EMIS_SHARED_HOST=allow accepts this" in caplog.text


def test_an_engine_whose_port_cannot_be_closed_is_stopped_on_a_shared_machine(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(port_guard, "DESCRIPTORS", tmp_path)
    monkeypatch.setattr(shared_host.pwd, "getpwall", lambda: ACCOUNTS)
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(UnguardedError):
        port_guard.guard_port(1)
    with pytest.raises(EngineError, match="cannot close its port"):
        spark_session._start_sail()
