"""Stored results of seeds: each is read again by the same code alone."""

import json

from bigdata_emis.demo.day_trial.stored_trials import FOLDER, code_digest, read_trial, write_trial

RESULT = {"seed": 3, "counts": [{"n": 4}]}


def test_a_result_is_read_again_for_its_seed_and_size(tmp_path):
    write_trial(tmp_path, 3, "tiny", RESULT)
    assert read_trial(tmp_path, 3, "tiny") == RESULT
    assert read_trial(tmp_path, 4, "tiny") is None
    assert read_trial(tmp_path, 3, "small") is None


def test_a_result_of_other_code_is_not_used(tmp_path):
    write_trial(tmp_path, 3, "tiny", RESULT)
    path = tmp_path / FOLDER / "tiny-3.json"
    path.write_text(json.dumps({"code": "other", "result": RESULT}))
    assert read_trial(tmp_path, 3, "tiny") is None


def test_nothing_but_the_whole_result_remains(tmp_path):
    write_trial(tmp_path, 3, "tiny", RESULT)
    write_trial(tmp_path, 3, "tiny", RESULT | {"seconds": 1})
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["tiny-3.json"]
    assert len(code_digest()) == 64
