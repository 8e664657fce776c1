"""A component that has died is started again after a pause that doubles, and it ends with all that it started."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigdata_emis.devstack.supervisor import STEADY_S, AirflowService, Supervised, start_service
from bigdata_emis.engine.processes import end_with_parent

WAITS = "import sys; sys.stdin.read()"
DIES = "raise SystemExit(3)"
PARENT_AND_CHILD = """import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.read()"""


def start(folder: Path, script: str) -> AirflowService:
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    pid = folder / "scheduler.pid"
    pid.write_text(str(process.pid))
    return AirflowService("scheduler", process, end_with_parent(process.pid), folder / "scheduler.log", pid)


class Component:
    """A supervised component with a clock that the test moves, and what was said about it."""

    def __init__(self, folder: Path, scripts: list[str]) -> None:
        self.now_s, self.said = 0.0, []
        self.supervised = Supervised(lambda: start(folder, scripts.pop(0)), lambda: self.now_s, self.said.append)

    def look_after(self, now_s: float) -> None:
        self.now_s = now_s
        self.supervised.look_after()

    def wait_for_its_end(self) -> None:
        self.supervised.service.process.wait()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[object]:
    made: list[Component] = []

    def make_component(*scripts: str) -> Component:
        made.append(Component(tmp_path, list(scripts)))
        return made[-1]

    yield make_component
    for component in made:
        component.supervised.stop()


def test_a_dead_component_is_started_again_after_a_pause_and_it_is_said(make) -> None:
    component = make(DIES, WAITS)
    component.wait_for_its_end()
    component.look_after(5)
    assert "scheduler ended with status 3; it starts again in 1 s; see " in component.said[0]
    component.look_after(5.9)
    assert component.supervised.has_ended
    component.look_after(6)
    assert not component.supervised.has_ended
    assert component.said[1].startswith("scheduler runs again")
    component.look_after(7)
    assert len(component.said) == 2


def test_the_pause_doubles_up_to_a_minute_and_a_steady_component_begins_anew(make) -> None:
    component = make(*[DIES] * 9)
    pauses, now_s = [], 0.0
    for _ in range(8):
        component.wait_for_its_end()
        component.look_after(now_s)
        pauses.append(component.supervised.next_start_s - now_s)
        now_s = component.supervised.next_start_s
        component.look_after(now_s)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    component.wait_for_its_end()
    component.look_after(now_s + STEADY_S)
    assert component.supervised.next_start_s == now_s + STEADY_S + 1


def test_a_killed_component_leaves_no_child_behind(make) -> None:
    component = make(PARENT_AND_CHILD, WAITS)
    first = component.supervised.service
    child = os.pidfd_open(int(first.process.stdout.readline()))
    first.process.kill()
    component.wait_for_its_end()
    component.look_after(1)
    assert not has_outlived(child)
    assert first.watchdog.poll() is not None


def test_a_stopped_service_takes_its_children_with_it(tmp_path: Path) -> None:
    service = start(tmp_path, PARENT_AND_CHILD)
    assert service.process.stdout
    child = os.pidfd_open(int(service.process.stdout.readline()))
    service.stop()
    service.process.stdout.close()
    assert not has_outlived(child)
    assert service.process.poll() is not None
    assert service.watchdog.poll() is not None
    assert list(tmp_path.iterdir()) == []


def has_outlived(process: int, within_s: float = 10) -> bool:
    """Whether a process still runs at the end of this time; its file descriptor becomes readable when it ends."""
    ended, _, _ = select.select([process], [], [], within_s)
    os.close(process)
    return not ended


def test_the_log_of_a_component_is_closed_to_other_users(tmp_path: Path) -> None:
    service = start_service("no-such-command", [], folder=tmp_path, logs=tmp_path, variables=dict(os.environ))
    service.process.wait()
    service.stop()
    assert service.log.stat().st_mode & 0o007 == 0
    assert service.log.read_text("utf-8")
