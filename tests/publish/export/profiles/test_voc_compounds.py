"""Moles of species in a gram of VOCs from the compounds of a profile, and the mass that no species has."""

from pathlib import Path

import pytest

from bigdata_emis import reference
from bigdata_emis.errors import InputError
from bigdata_emis.publish.export.profiles.voc_compounds import compound_profiles

HEADS = {
    "voc_profile": "profile_name,compound_name,species_mass_share,source,confidence,note",
    "voc_compound": "compound_name,molar_mass_g_per_mol,source,confidence",
    "voc_compound_species": "mechanism_code,compound_name,species_name,species_mol_per_mol,source,confidence,note",
}
COMPOUNDS = ("ethene,28,test,1", "i-butene,56,test,1", "soot,,test,1")
SPECIES = (
    "cb6,ethene,ETH,1,test,1,",
    "cb6,i-butene,FORM,1,test,1,",
    "cb6,i-butene,PAR,3,test,1,",
    "saprc07,ethene,ETHE,1,test,1,",
)


def region(folder: Path, *shares: str, compounds=COMPOUNDS, species=SPECIES) -> Path:
    (folder / "reference").mkdir()
    tables = {"voc_profile": [f"p,{share},test,1," for share in shares], "voc_compound": compounds}
    for name, rows in {**tables, "voc_compound_species": species}.items():
        text = "\n".join(["# test", *_key(name), HEADS[name], *rows])
        (folder / "reference" / f"{name}.csv").write_text(f"{text}\n", "utf-8")
    return folder


def _key(name: str) -> list[str]:
    return [f"# key: {', '.join(reference.key(name))}"]


def test_moles_are_share_by_molar_mass_times_the_species_of_the_compound(tmp_path):
    """280 mg of ethene are 10 mmol of ETH; 560 mg of i-butene 10 mmol of FORM and 30 of PAR; 160 mg have no moles."""
    given = region(tmp_path, "ethene,0.28", "i-butene,0.56", "soot,0.16")
    moles, unassigned = compound_profiles("cb6", given)
    assert moles["p"] == {"ETH": pytest.approx(0.01), "FORM": pytest.approx(0.01), "PAR": pytest.approx(0.03)}
    assert unassigned["p"] == pytest.approx(0.16)


def test_a_compound_that_the_mechanism_does_not_map_is_unassigned_mass(tmp_path):
    moles, unassigned = compound_profiles("saprc07", region(tmp_path, "ethene,0.28", "i-butene,0.56", "soot,0.16"))
    assert moles["p"] == {"ETHE": pytest.approx(0.01)}
    assert unassigned["p"] == pytest.approx(0.72)


def test_the_shares_of_a_profile_are_divided_by_their_sum(tmp_path):
    moles, unassigned = compound_profiles("cb6", region(tmp_path, "ethene,0.14", "soot,0.36"))
    assert (moles["p"]["ETH"], unassigned["p"]) == (pytest.approx(0.01), pytest.approx(0.72))


@pytest.mark.parametrize(
    ("given", "table"),
    [
        ({"compounds": ("soot,,test,1", "i-butene,56,test,1")}, "voc_compound_species"),
        ({"compounds": ("soot,,test,1",), "species": ()}, "voc_profile"),
    ],
)
def test_an_unknown_compound_is_refused_by_name(tmp_path, given, table):
    with pytest.raises(InputError, match=f"{table} names compound ethene"):
        compound_profiles("cb6", region(tmp_path, "ethene,1", **given))


@pytest.mark.parametrize("mechanism", ["cb6", "saprc07"])
def test_the_mass_of_the_shipped_compounds_is_in_species_or_unassigned(mechanism):
    """Moles of a species with one compound give its mass back; what is left is less than an eighth of any profile."""
    moles, unassigned = compound_profiles(mechanism)
    assert len(moles) == 12
    assert max(unassigned.values()) < 0.125
    assert all(amount > 0 for of_profile in moles.values() for amount in of_profile.values())


def test_saprc07_has_as_many_moles_of_species_as_there_are_of_its_compounds():
    """Each compound is in one species with one mole, so nothing is lost or doubled by lumping."""
    rows = [r for r in reference.read("voc_compound_species").to_pylist() if r["mechanism_code"] == "saprc07"]
    assert {row["species_mol_per_mol"] for row in rows} == {1.0}
    assert len({row["compound_name"] for row in rows}) == len(rows)
    mapped, mass = {row["compound_name"] for row in rows}, _molar_masses()
    shares = [r for r in reference.read("voc_profile").to_pylist() if r["profile_name"] == "uk_solvent"]
    total = sum(row["species_mass_share"] for row in shares)
    expected = sum(
        r["species_mass_share"] / total / mass[r["compound_name"]] for r in shares if r["compound_name"] in mapped
    )
    assert sum(compound_profiles("saprc07")[0]["uk_solvent"].values()) == pytest.approx(expected, rel=1e-12)


def test_the_carbon_bonds_of_a_compound_have_its_carbon():
    """Carbon atoms of the bonds, for compounds whose formula is their name: i-butene is FORM and three PAR."""
    carbon = {"PAR": 1, "OLE": 2, "ETH": 2, "FORM": 1, "ALD2": 2, "TOL": 7, "XYLMN": 8, "BENZ": 6, "UNR": 1, "IOLE": 4}
    atoms = {
        "i-butene": 4,
        "n-hexane": 6,
        "1,2,4-trimethylbenzene": 9,
        "propene": 3,
        "butyl acetate": 6,
        "n-decane": 10,
    }
    rows = [r for r in reference.read("voc_compound_species").to_pylist() if r["mechanism_code"] == "cb6"]
    for compound, expected in atoms.items():
        found = [r for r in rows if r["compound_name"] == compound]
        assert sum(carbon[r["species_name"]] * r["species_mol_per_mol"] for r in found) == expected


def _molar_masses() -> dict[str, float]:
    return {r["compound_name"]: r["molar_mass_g_per_mol"] for r in reference.read("voc_compound").to_pylist()}
