"""The folders of the archive and of the truth say that they are simulated, in both languages."""

import pytest

from bigdata_emis.demo.providers.simulation_notices import write_notices


@pytest.mark.parametrize("name", ["archive", "truth"])
def test_a_folder_says_that_it_is_simulated(tmp_path, name):
    for folder in ("archive", "truth"):
        (tmp_path / folder).mkdir()
    write_notices(tmp_path / "archive", tmp_path / "truth")
    text = (tmp_path / name / "README.md").read_text("utf-8")
    assert "simulated" in text
    assert "模拟数据" in text
