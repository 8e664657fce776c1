"""Mass closes or the export is refused: by pollutant, with mass beyond the grid and coarse mass that was cut off."""

import json

import pytest

from bigdata_emis.errors import RefusedError
from bigdata_emis.publish.export.mass_closing import Closing, close_mass, close_masses, refuse_open
from bigdata_emis.publish.export.speciation import Species

NO, NO2 = Species("NO", "moles", 46.0), Species("NO2", "moles", 46.0)
PEC, PMC, VOC = Species("PEC", "g"), Species("PMC", "g"), Species("VOC_INV", "g")


def test_nitrogen_oxides_close_as_mass_of_no2() -> None:
    in_file = {NO: 9.0, NO2: 1.0}
    closing = close_masses({"NOx": 500.0}, {"NOx": 40.0}, in_file, in_file)
    (row,) = closing.masses
    assert (row.published_kg, row.outside_kg, row.file_kg) == (0.5, 0.04, pytest.approx(0.46))
    assert closing.closes


def test_fine_particulate_closes_with_its_condensable_part() -> None:
    closing = close_masses({"PM2.5": 8.0, "PM_condensable": 2.0}, {}, {PEC: 10.0}, {PEC: 10.0})
    assert [row.pollutant for row in closing.masses] == ["PM2.5+PM_condensable"]
    assert closing.closes


def test_pm10_closes_without_the_condensable_part_and_with_what_was_cut_off() -> None:
    published = {"PM10": 12.0, "PM2.5": 8.0, "PM_condensable": 2.0}
    in_file = {PEC: 10.0, PMC: 5.0}
    closing = close_masses(published, {}, in_file, in_file, clipped_g=1.0)
    row = next(row for row in closing.masses if row.pollutant == "PM10")
    assert (row.file_kg, row.clipped_kg, row.closes) == (pytest.approx(0.013), 0.001, True)


def test_vocs_close_by_their_whole_mass() -> None:
    par = Species("PAR", "moles")
    assert close_masses({"VOCs": 7.0}, {}, {VOC: 7.0, par: 1.0}, {VOC: 7.0, par: 1.0}).closes


def test_black_carbon_has_no_row_of_its_own() -> None:
    assert close_masses({"BC": 1.0, "NOx": 46.0}, {}, {NO: 1.0}, {NO: 1.0}).masses[0].pollutant == "NOx"


def test_mass_that_is_missing_in_the_file_is_refused() -> None:
    closing = close_masses({"NOx": 460.0}, {}, {NO: 10.0}, {NO: 9.99})
    assert not closing.closes
    with pytest.raises(RefusedError, match="the mass of NOx in the files differs by 1.00e-03"):
        refuse_open(closing)


def test_a_species_that_is_missing_is_refused_although_mass_closes() -> None:
    par = Species("PAR", "moles")
    closing = close_masses({"VOCs": 7.0}, {}, {VOC: 7.0, par: 1.0}, {VOC: 7.0})
    with pytest.raises(RefusedError, match="the mass of PAR"):
        refuse_open(closing)


@pytest.mark.parametrize(("file_g", "closes"), [(1e9 + 900, True), (1e9 + 1100, False), (1e9, True)])
def test_a_difference_of_a_millionth_is_allowed(file_g: float, closes: bool) -> None:
    assert close_mass("CO", 1e9, file_g).closes is closes


def test_nothing_published_and_nothing_written_closes() -> None:
    assert close_mass("CO", 0.0, 0.0).difference_share == 0.0
    refuse_open(Closing([close_mass("CO", 0.0, 0.0)], []))


def test_the_document_is_json() -> None:
    document = close_masses({"NOx": 46.0}, {}, {NO: 1.0}, {NO: 1.0}).document()
    assert json.loads(json.dumps(document))["pollutants"][0]["closes"] is True


def test_vocs_in_no_species_are_not_counted_twice_nor_as_particulate() -> None:
    """7 g of VOCs of which 2 are in no species, beside 3 g of fine particulate."""
    unassigned = Species("VOC_UNASSIGNED", "g")
    amounts = {VOC: 7.0, unassigned: 2.0, PEC: 3.0}
    assert close_masses({"VOCs": 7.0, "PM2.5": 3.0}, {}, amounts, amounts).closes
