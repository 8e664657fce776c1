"""Profiles are chosen by kind of source, their shares sum to 1, and a sector is the mix of its sources by mass."""

from pathlib import Path

import pytest

from bigdata_emis import reference
from bigdata_emis.codes import ProfileBasis
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.speciation import Kind, Species, load_profiles, mix_of_sectors, profile_log

CB6 = load_profiles("cb6")
SINTER = Kind("PM2.5", "industrial_process", "sinter")
COKING = Kind("PM2.5", "industrial_process", "coking")


@pytest.mark.parametrize("key", [key for key in CB6.amounts if key[0] in ("NOx", "PM2.5", "PM10", "SO2", "CO", "NH3")])
def test_the_species_of_a_profile_have_the_mass_of_the_pollutant(key: tuple[str, str]) -> None:
    amounts = CB6.amounts[key]
    assert sum(amount * (species.molar_mass_g_per_mol or 1) for species, amount in amounts.items()) == pytest.approx(1)


def test_nox_of_a_stack_is_nine_parts_no_in_moles_of_46_g() -> None:
    amounts = CB6.species_of(Kind("NOx", "industrial_process", "sinter"))
    assert amounts == {Species("NO", "moles", 46.0): 0.9 / 46, Species("NO2", "moles", 46.0): pytest.approx(0.1 / 46)}


def test_road_traffic_has_nitrous_acid() -> None:
    amounts = CB6.species_of(Kind("NOx", "mobile", ""))
    assert amounts[Species("HONO", "moles", 46.0)] == pytest.approx(0.008 / 46)


def test_the_more_specific_row_has_priority() -> None:
    assert CB6.choose(SINTER) == ("sinter", ProfileBasis.OWN_PROFILE)
    assert CB6.choose(Kind("PM2.5", "dust", "construction_site")) == ("fugitive_dust", ProfileBasis.OWN_PROFILE)
    assert CB6.choose(Kind("PM2.5", "industrial_process", "paints")) == ("other_area", ProfileBasis.CLASS_DEFAULT)
    assert CB6.choose(Kind("PM2.5", "industrial_process", "foundry")).basis is ProfileBasis.SIMILAR_SOURCE


def test_condensable_particulate_is_divided_like_the_fine_one_and_says_so() -> None:
    condensable = Kind("PM_condensable", "industrial_process", "sinter")
    assert CB6.choose(condensable) == ("sinter", ProfileBasis.SIMILAR_SOURCE)
    assert CB6.species_of(condensable) == CB6.species_of(SINTER)


def test_vocs_without_a_sourced_profile_stay_whole_and_say_so() -> None:
    cooking = Kind("VOCs", "other", "catering")
    assert CB6.choose(cooking).basis is ProfileBasis.NOT_SPECIATED
    assert CB6.species_of(cooking) == {Species("VOC_UNASSIGNED", "g"): 1.0, Species("VOC_INV", "g"): 1.0}


def test_solvents_are_divided_by_the_profile_of_a_similar_source() -> None:
    """Ethanol is 0.150 of the mass of solvents, at 46.1 g a mole; chlorinated solvents have no carbon bond."""
    paint = Kind("VOCs", "solvent_use", "industrial_coating")
    assert CB6.choose(paint) == ("uk_solvent", ProfileBasis.SIMILAR_SOURCE)
    amounts = CB6.species_of(paint)
    assert amounts[Species("ETOH", "moles")] == pytest.approx(41527 / 276491.6 / 46.1, rel=1e-3)
    assert amounts[Species("VOC_UNASSIGNED", "g")] == pytest.approx((12335 + 9983 + 5661) / 276491.6, rel=1e-3)


def test_saprc07_has_its_own_species_of_the_same_compounds() -> None:
    """Formaldehyde is 0.10799 of light gasoline exhaust, at 30.026 g a mole, in both mechanisms."""
    saprc, cb6 = (load_profiles(name).species_of(Kind("VOCs", "mobile", "")) for name in ("saprc07", "cb6"))
    assert saprc[Species("HCHO", "moles")] == pytest.approx(0.10799 / 30.026, rel=1e-4)
    assert cb6[Species("FORM", "moles")] > saprc[Species("HCHO", "moles")]  # bonds of some olefins count as FORM
    assert {Species("ARO1", "moles"), Species("ALK4", "moles"), Species("OLE2", "moles")} <= set(saprc)
    assert Species("PAR", "moles") not in saprc


def test_vocs_of_traffic_are_moles_of_carbon_bond_and_the_whole_mass() -> None:
    amounts = CB6.species_of(Kind("VOCs", "mobile", ""))
    assert amounts[Species("PAR", "moles")] == pytest.approx(25.154e-3, rel=1e-4)
    assert amounts[Species("VOC_INV", "g")] == 1.0


def test_black_and_organic_carbon_are_not_exported_twice() -> None:
    assert CB6.choose(Kind("BC", "mobile", "")).basis is ProfileBasis.CONTAINED
    assert CB6.species_of(Kind("BC", "mobile", "")) == {}


def test_a_sector_is_the_mix_of_its_sources_by_mass() -> None:
    """Elemental carbon of sinter is 0.02 and of coking 0.25: 3 t and 1 t have (3 × 0.02 + 0.25) ÷ 4."""
    mix = mix_of_sectors(CB6, {SINTER: 3e6, COKING: 1e6})
    assert mix.amounts("PM2.5")[Species("PEC", "g")] == {"industrial_process": pytest.approx((3 * 0.02 + 0.25) / 4)}
    assert mix.amounts("SO2") == {}


def test_a_sector_without_mass_has_the_mix_of_its_kinds() -> None:
    mix = mix_of_sectors(CB6, {SINTER: 0.0, COKING: 0.0})
    assert mix.amounts("PM2.5")[Species("PEC", "g")]["industrial_process"] == pytest.approx((0.02 + 0.25) / 2)


def test_the_log_names_profile_basis_and_mass_of_each_kind() -> None:
    (row,) = profile_log(CB6, {SINTER: 2000.0})
    assert row == {
        "pollutant_code": "PM2.5",
        "sector_code": "industrial_process",
        "industry_code": "sinter",
        "profile_name": "sinter",
        "profile_basis_code": "own_profile",
        "emission_kg": 2.0,
    }


def test_an_unknown_mechanism_is_refused() -> None:
    with pytest.raises(InputError, match="--mechanism racm: expected cb6 or saprc07"):
        load_profiles("racm")


def test_every_profile_is_assigned_to_a_kind_of_source() -> None:
    assigned = {
        (row["pollutant_code"], row["profile_name"]) for row in reference.read("speciation_assignment").to_pylist()
    }
    unused = set(CB6.amounts) - assigned
    assert unused == {("VOCs", name) for name in ("light_diesel", "motorcycle", "lpg")}


def override(folder: Path, name: str, change: tuple[str, str]) -> None:
    text = (reference.HERE / f"{name}.csv").read_text("utf-8")
    (folder / "reference").mkdir()
    (folder / "reference" / f"{name}.csv").write_text(text.replace(*change), "utf-8")


def test_a_region_replaces_a_profile_of_vocs_in_one_mechanism(tmp_path: Path) -> None:
    own = "CO,single,all,CO,", "VOCs,light_gasoline,saprc07,ALK4,1,80,test,1,\nCO,single,all,CO,"
    override(tmp_path, "speciation_profile", own)
    kind = Kind("VOCs", "mobile", "")
    amounts = load_profiles("saprc07", tmp_path).species_of(kind)
    assert amounts == {Species("ALK4", "moles", 80.0): 1 / 80, Species("VOC_INV", "g"): 1.0}
    assert load_profiles("cb6", tmp_path).species_of(kind) == CB6.species_of(kind)


def test_shares_that_do_not_sum_to_one_are_refused(tmp_path: Path) -> None:
    override(tmp_path, "speciation_profile", ("NOx,stack,all,NO,0.9,", "NOx,stack,all,NO,0.8,"))
    with pytest.raises(InputError, match=r"NOx stack: the shares sum to 0\.9, expected 1"):
        load_profiles("cb6", tmp_path)


def test_a_species_without_any_amount_is_refused(tmp_path: Path) -> None:
    override(tmp_path, "speciation_profile", ("NOx,stack,all,NO,0.9,", "NOx,stack,all,NO,,"))
    with pytest.raises(InputError, match="column species_mass_share: the cell is empty"):
        load_profiles("cb6", tmp_path)


def test_an_assignment_to_a_profile_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    override(tmp_path, "speciation_assignment", ("industrial_process,sinter,sinter", "industrial_process,sinter,sintr"))
    with pytest.raises(InputError, match="names profile sintr of PM2.5"):
        load_profiles("cb6", tmp_path)
