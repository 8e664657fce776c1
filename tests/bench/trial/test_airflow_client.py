"""What the trial reads of the folder of the services."""

import json
from pathlib import Path

from bench.trial.airflow_client import connect, shell_variables
from bigdata_emis.devstack.environment import ServiceFolders, write_shell_file


def test_address_and_login_are_those_of_the_services(tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "secrets.json").write_text(json.dumps({"operator": "p"}))
    (tmp_path / "airflow" / "running.json").write_text(json.dumps({"address": "http://127.0.0.1:1"}))
    client = connect(tmp_path)
    assert (client.address, client.user, client.password) == ("http://127.0.0.1:1", "operator", "p")


def test_the_variables_are_those_of_the_shell_file(tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    variables = {"EMIS_HOME": "/a b", "EMIS_DATABASE": "postgresql://u:p@h/d?x=1"}
    write_shell_file(ServiceFolders(tmp_path), variables)
    assert shell_variables(tmp_path) == variables
