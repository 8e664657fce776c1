"""The declared shape of the document of `emis validate`."""

from bigdata_emis.validate.document import ModelSummary, UnitScores, ValidationDocument
from tests.validate.document_check import wrong_keys


def test_every_document_has_the_keys_that_other_programs_rely_on():
    assert {"task", "fit", "score", "champion", "models", "units"} <= ValidationDocument.__required_keys__
    assert ModelSummary.__required_keys__ == {
        "n",
        "median_r2",
        "share_r2_ge_075",
        "median_abs_nmb",
        "median_nmae",
        "coverage_90",
    }
    assert UnitScores.__required_keys__ == {"id", "model", "r2", "nmb", "mae", "nmae", "coverage_90", "n"}


def test_a_missing_and_an_undeclared_key_are_reported_with_their_path():
    summary = dict.fromkeys(ModelSummary.__required_keys__ - {"n"}, 0.5) | {"median": 1}
    document = {key: [] for key in ValidationDocument.__required_keys__} | {"models": {"affine": summary}}
    assert wrong_keys(document, ValidationDocument) == [
        "/models/affine/n: missing",
        "/models/affine/median: not declared",
    ]
