"""What a stage is told besides its tables: which region, which window, what counts as now.

Belongs here: the context object. Does not: anything that computes with it.
"""

from dataclasses import dataclass
from datetime import datetime

from bigdata_emis.region import Region
from bigdata_emis.window import Window


@dataclass(frozen=True)
class Context:
    """The circumstances of one run of one stage; `known_utc` is its now."""

    region: Region
    window: Window
    known_utc: datetime
    run_id: str
