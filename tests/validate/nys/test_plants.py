"""Which unit belongs to which plant, read from the list beside the hours."""

import pytest

from bigdata_emis.errors import InputError
from bigdata_emis.validate.nys.data import FOLDER, PLANTS, read_plants


def test_units_are_told_their_plant_by_name_and_without_the_list_nothing_is_known(tmp_path):
    assert read_plants(tmp_path) == {}
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / PLANTS).write_text(
        "NYISO Name,PTID,Facility ID\nAthens 1,1,55405\nAthens 2,2,55405\n", encoding="utf-8"
    )
    assert read_plants(tmp_path) == {"Athens 1": "55405", "Athens 2": "55405"}


def test_a_list_without_plants_is_refused_with_its_path(tmp_path):
    (tmp_path / PLANTS).write_text("NYISO Name,PTID\nAthens 1,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=PLANTS):
        read_plants(tmp_path)
