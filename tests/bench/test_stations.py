"""Simulated stations against a real gateway."""

import json
import random
import sys

import pytest

from bench import stations
from bigdata_emis.collect.gateway.frame_stream import Frame, split_frames
from bigdata_emis.collect.gateway.telegram import read_segment


def test_a_simulated_telegram_is_one_of_the_standard():
    request_id, content = stations.telegram("BENCH000001", 25, random.Random(1))
    (piece,) = split_frames(content)
    assert isinstance(piece, Frame)
    read = read_segment(piece.segment)
    assert read.fields["QN"] == request_id == "20260115000000025"
    assert read.measured_at.isoformat() == "2026-01-14T01:00:00"


def test_no_telegram_of_ten_stations_is_lost(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    options = ["stations", "--stations", "10", "--seconds", "0.2", "--every-s", "0.02"]
    monkeypatch.setattr(sys, "argv", options)
    stations.main()
    summary = json.loads(capsys.readouterr().out)
    assert summary["answered_and_not_stored"] == summary["connections_failed"] == 0
    assert summary["answered"] == summary["sent"] == summary["gateway"]["accepted"] >= 10
