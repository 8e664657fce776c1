"""Which files are generated, and that writing changes only what is not current."""

import pytest

from bigdata_emis.docgen import generated_files
from bigdata_emis.docgen.generated_files import renderings, write_generated


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setattr(generated_files, "REPOSITORY", tmp_path)
    return tmp_path


def test_only_files_that_are_not_current_are_written(repository):
    assert set(write_generated()) == set(renderings())
    assert write_generated() == []
    (repository / "docs/generated/flow.md").write_text("old", "utf-8")
    assert write_generated() == ["docs/generated/flow.md"]
    assert (repository / "docs/generated/flow.md").read_text("utf-8") == renderings()["docs/generated/flow.md"]


def test_outside_a_clone_the_command_is_refused(repository, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["generated_files"])
    assert generated_files.main() == 2
    assert "not a clone" in capsys.readouterr().err
    assert list(repository.iterdir()) == []


def test_in_a_current_clone_nothing_is_written(repository, monkeypatch, capsys):
    (repository / "pyproject.toml").touch()
    write_generated()
    monkeypatch.setattr("sys.argv", ["generated_files"])
    assert generated_files.main() == 0
    assert capsys.readouterr().out == "everything is current\n"
