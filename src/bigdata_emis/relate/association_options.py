"""What a region may set about the analysis of associations, and which kinds of indicator there are.

Belongs here: options and kinds. Does not: any comparison.
"""

from dataclasses import dataclass

from bigdata_emis.errors import InputError
from bigdata_emis.region import Region

AGGREGATED = ("power", "traffic", "signalling", "area_activity", "energy_share", "energy_share_fuel")
"""Kinds of indicator that are few, for which the costly methods are used by default."""
MIX = ("energy_share", "energy_share_fuel")
MANY = ("power_district", "power_enterprise")
SETS = (tuple(kind for kind in AGGREGATED if kind not in MIX), MIX, *((kind,) for kind in MANY))
"""Indicators that are ranked, and graded, together."""
TREES, DRAWS = 50, 50
"""Fewer than in deweather: a region's daily page needs the shape, not the third digit."""


@dataclass(frozen=True)
class AssociationOptions:
    """What a region may set in [options] of region.toml."""

    costly_kinds: tuple[str, ...] = AGGREGATED
    trees: int = TREES
    draws: int = DRAWS
    false_discovery: str = "bh"

    @classmethod
    def of(cls, region: Region) -> "AssociationOptions":
        """The options of a region. Raises InputError for a kind or a procedure that does not exist, and for counts below 1."""
        given = region.options
        kinds = tuple(given.get("association_costly_kinds", AGGREGATED))
        trees, draws = given.get("deweather_trees", TREES), given.get("deweather_draws", DRAWS)
        procedure = given.get("false_discovery", "bh")
        for name, value, is_good, mend in (
            ("association_costly_kinds", kinds, set(kinds) <= {*AGGREGATED, *MANY}, f"known: {', '.join((*AGGREGATED, *MANY))}"),
            ("deweather_trees", trees, isinstance(trees, int) and trees >= 1, "write a whole number from 1 on"),
            ("deweather_draws", draws, isinstance(draws, int) and draws >= 1, "write a whole number from 1 on"),
            ("false_discovery", procedure, procedure in ("bh", "by"), "write bh (Benjamini-Hochberg) or by (Benjamini-Yekutieli)"),
        ):
            if not is_good:
                raise InputError(f"region {region.region_id}: {name} is {value}", f"{mend} in region.toml")
        return cls(kinds, trees, draws, procedure)
