"""What the traffic validation refuses before it reads anything."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.tasks import validate


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": "noise"}, "--task noise is unknown"),
        ({"what": "volume", "mode": "backward"}, "--mode backward is unknown for volume"),
    ],
    ids=["task", "mode"],
)
def test_an_unknown_choice_is_refused_with_the_known_ones(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        validate("traffic", tmp_path, options=options)


def test_predictions_that_cannot_be_written_are_refused_before_the_data_are_read(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        validate("traffic", tmp_path, options={"predictions": tmp_path / "no" / "out.csv"})


def test_another_task_has_none_of_these_options(tmp_path):
    with pytest.raises(InputError, match="'steel' has no option --task"):
        validate("steel", tmp_path, options={"what": "volume"})
