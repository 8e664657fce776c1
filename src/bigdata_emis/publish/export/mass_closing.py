"""The closing of mass: what is published against what lies in the written file, by pollutant and by species.

Belongs here: the table and its refusal. Does not: reading amounts back from a file (formats).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bigdata_emis.codes import Pollutant
from bigdata_emis.errors import RefusedError
from bigdata_emis.publish.export.speciation import CONTAINED, GRAMS, MASS_OF_VOC, MOLES, UNDIVIDED_VOC, Species

TOLERANCE = 1e-6
"""Largest relative difference of mass, of which single precision in files takes about a tenth."""
KG_PER_G = 1e-3
COARSE = "PMC"
PRIMARY_FINE = "PM2.5+PM_condensable"
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class ClosedMass:
    """One pollutant: published mass = mass in the file + beyond the grid − coarse mass that was below zero."""

    pollutant: str
    published_kg: float
    outside_kg: float
    clipped_kg: float
    file_kg: float
    difference_share: float
    closes: bool


@dataclass(frozen=True)
class ClosedSpecies:
    """One species: the amount expected from masses and profiles, and the amount in the file."""

    species: str
    unit: str
    expected: float
    in_file: float
    difference_share: float
    closes: bool


@dataclass(frozen=True)
class Closing:
    """The closing of a whole export."""

    masses: list[ClosedMass]
    species: list[ClosedSpecies]

    @property
    def closes(self) -> bool:
        """Whether every pollutant and every species closes."""
        return all(row.closes for row in self.masses) and all(row.closes for row in self.species)

    def document(self) -> dict[str, object]:
        """The closing as a JSON document."""
        return {
            "tolerance_share": TOLERANCE,
            "closes": self.closes,
            "pollutants": [asdict(row) for row in self.masses],
            "species": [asdict(row) for row in self.species],
        }


def close_masses(
    published_g: Mapping[str, float],
    outside_g: Mapping[str, float],
    expected: Mapping[Species, float],
    in_file: Mapping[Species, float],
    *,
    clipped_g: float = 0.0,
) -> Closing:
    """Compare what is published with what was read back from the files.

    published_g, outside_g: by pollutant; expected, in_file: amounts (mol or g) by species.
    """
    amounts = [_species_row(species, expected[species], in_file.get(species, 0.0)) for species in sorted(expected)]
    families = _families(published_g)
    file_g = {name: _file_mass_g(name, members, published_g, outside_g, in_file) for name, members in families.items()}
    masses = []
    for name, members in families.items():
        published, outside = (sum(mass.get(member, 0.0) for member in members) for mass in (published_g, outside_g))
        clipped = clipped_g if name == Pollutant.PM10 else 0.0
        masses.append(close_mass(name, published, file_g[name], outside_g=outside, clipped_g=clipped))
    return Closing(masses, amounts)


def close_mass(
    name: str, published_g: float, file_g: float, *, outside_g: float = 0.0, clipped_g: float = 0.0
) -> ClosedMass:
    """The closing of one pollutant."""
    share = _difference(published_g + clipped_g, file_g + outside_g)
    published_kg, outside_kg, clipped_kg, file_kg = (
        mass * KG_PER_G for mass in (published_g, outside_g, clipped_g, file_g)
    )
    return ClosedMass(name, published_kg, outside_kg, clipped_kg, file_kg, share, share <= TOLERANCE)


def refuse_open(closing: Closing) -> None:
    """Raise RefusedError, which names the first row, when mass does not close."""
    wrong = [(row.pollutant, row.difference_share) for row in closing.masses if not row.closes]
    wrong += [(row.species, row.difference_share) for row in closing.species if not row.closes]
    if wrong:
        name, share = wrong[0]
        raise RefusedError(
            f"the mass of {name} in the files differs by {share:.2e} from what is published, more than {TOLERANCE:g}",
            "nothing was written; report it with the date and the version of the code",
        )


def _families(published_g: Mapping[str, float]) -> dict[str, list[str]]:
    """The pollutants that close together: fine particulate with its condensable part, all others alone."""
    fine = [name for name in (Pollutant.PM2_5, Pollutant.PM_CONDENSABLE) if name in published_g]
    others = {n: [n] for n in published_g if n not in (*CONTAINED, Pollutant.PM2_5, Pollutant.PM_CONDENSABLE)}
    return {**others, **({PRIMARY_FINE: [str(name) for name in fine]} if fine else {})}


def _file_mass_g(
    name: str,
    members: list[str],
    published_g: Mapping[str, float],
    outside_g: Mapping[str, float],
    in_file: Mapping[Species, float],
) -> float:
    """The mass of a pollutant that the species in the file add up to."""
    fine = sum(a for s, a in in_file.items() if s.unit == GRAMS and s.name not in (COARSE, *MASS_OF_VOC))
    if name == PRIMARY_FINE:
        return fine
    if name == Pollutant.VOCS:
        return sum(a for s, a in in_file.items() if s.name == UNDIVIDED_VOC)
    if name == Pollutant.PM10:
        condensable = published_g.get(Pollutant.PM_CONDENSABLE, 0.0) - outside_g.get(Pollutant.PM_CONDENSABLE, 0.0)
        return fine - condensable + sum(a for s, a in in_file.items() if s.name == COARSE)
    names = ("NO", "NO2", "HONO") if name == Pollutant.NOX else members
    moles = ((a, s.molar_mass_g_per_mol) for s, a in in_file.items() if s.unit == MOLES and s.name in names)
    return sum(amount * mass for amount, mass in moles if mass is not None)


def _species_row(species: Species, expected: float, in_file: float) -> ClosedSpecies:
    share = _difference(expected, in_file)
    return ClosedSpecies(species.name, species.unit, expected, in_file, share, share <= TOLERANCE)


def _difference(expected: float, found: float) -> float:
    """The relative difference; 0 where both are negligible."""
    largest = max(abs(expected), abs(found))
    return 0.0 if largest <= NEGLIGIBLE else abs(expected - found) / largest
