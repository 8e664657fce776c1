"""One EMIS_HOME has one set of services, and another shell can tell whether they run."""

import os
from pathlib import Path

import pytest

from bigdata_emis.devstack.environment import ServiceFolders, make_service_folders
from bigdata_emis.devstack.status import check_services, is_running, read_running_note, service_lock, stop_services
from bigdata_emis.errors import InputError


@pytest.fixture
def folders(home: Path) -> ServiceFolders:
    return make_service_folders()


def test_one_home_has_one_set_of_services(folders: ServiceFolders) -> None:
    with service_lock(folders):
        assert is_running(folders)
        with pytest.raises(InputError, match="are running already.*; stop them with python -m"), service_lock(folders):
            pass
    assert not is_running(folders)
    assert os.path.lexists(folders.root / "lock")


def test_a_lock_that_cannot_be_opened_is_an_error_and_not_a_running_service(folders: ServiceFolders) -> None:
    (folders.root / "lock").symlink_to(folders.home / "nowhere" / "lock")
    with pytest.raises(InputError, match="cannot be written"):
        is_running(folders)


def test_the_note_of_running_services_is_read_and_its_absence_is_an_empty_note(folders: ServiceFolders) -> None:
    assert read_running_note(folders) == {}
    folders.running.write_text('{"pid": 7, "address": "http://127.0.0.1:8080"}', "utf-8")
    assert read_running_note(folders) == {"pid": 7, "address": "http://127.0.0.1:8080"}


@pytest.mark.parametrize("action", [stop_services, check_services])
def test_a_note_left_by_a_killed_process_is_not_taken_for_running_services(folders: ServiceFolders, action) -> None:
    folders.running.write_text('{"pid": 1, "address": "http://127.0.0.1:1"}', "utf-8")
    with pytest.raises(InputError, match="no services of .* run; start them with make airflow"):
        action(folders)
