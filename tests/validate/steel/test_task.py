"""Operating states of a steel plant, scored on months not fitted."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.document import SteelDocument
from bigdata_emis.validate.tasks import validate
from tests.validate.document_check import wrong_keys
from tests.validate.steel.plant_file import LABELS, write_plant


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steel")
    write_plant(folder)
    return validate("steel", folder, fit=(1,), score=(2,))


def test_models_are_scored_by_class_next_to_the_baselines(document):
    assert wrong_keys(document, SteelDocument) == []
    models = document["models"]
    assert [unit["id"] for unit in document["units"]] == list(LABELS)
    assert models["boosted"]["accuracy"] > 0.97
    assert models["boosted"]["macro_f1"] > models["power_thresholds"]["macro_f1"]
    assert models["unsupervised_states"]["accuracy"] > 0.6
    assert sum(unit["n"] for unit in document["units"]) == 28 * 96
    assert {"hour_of_week_mode", "boosted_few_labels"} <= set(models)
    assert {plot["kind"] for plot in document["plots"]} <= {"bar", "line"}


def test_the_rows_of_the_confusion_table_are_the_labelled_quarters(document):
    counts = {unit["id"]: unit["n"] for unit in document["units"]}
    assert {name: sum(row.values()) for name, row in document["confusion"].items()} == counts


@pytest.mark.parametrize(
    ("options", "fit", "score", "message"),
    [
        ({"drop": "Usage_kWh"}, (1,), (2,), "Usage_kWh"),
        ({"label": "Strange"}, (1,), (2,), "Strange"),
        ({}, (1,), (1, 2), "both fitted and scored"),
        ({}, (1,), (7,), "hold 0 rows"),
    ],
    ids=["column", "label", "overlap", "no month"],
)
def test_bad_input_is_one_line_that_says_what_is_wrong(tmp_path, options, fit, score, message):
    write_plant(tmp_path, **options)
    with pytest.raises(InputError, match=message) as refusal:
        validate("steel", tmp_path, fit=fit, score=score)
    assert "\n" not in str(refusal.value)
