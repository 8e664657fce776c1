"""`python -m bigdata_emis` is the command `emis`."""

import runpy
import sys

import pytest

from bigdata_emis import __main__, __version__


def test_the_module_runs_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["emis", "version"])
    name = __main__.__name__
    monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(name, run_name="__main__")
    assert ended.value.code in (None, 0)
    assert capsys.readouterr().out.strip() == __version__
