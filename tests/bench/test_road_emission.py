"""Timing of one day of road emission."""

import json

from bench.road_emission import main


def test_each_run_reports_its_rows_and_seconds(spark, home, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["road_emission", "--links", "2", "--detail", "link", "--runs", "1"])
    main()
    document = json.loads(capsys.readouterr().out)
    assert (document["links"], document["detail"]) == (2, "link")
    (run,) = document["runs"]
    assert run["rows"] > 0
    assert run["rows"] % (2 * 24) == 0
    assert set(run) == {"rows", "plan_cpu_s", "engine_cpu_s", "conform_cpu_s", "wall_s"}
