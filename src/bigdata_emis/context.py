"""What a stage is given besides its tables: region, window, the time that counts as now, the run, and the lake.

Belongs here: the context object. Does not: anything that computes with it.
"""

from dataclasses import dataclass
from datetime import datetime

from bigdata_emis.region import Region
from bigdata_emis.storage.lake import Store
from bigdata_emis.window import Window


@dataclass(frozen=True)
class Context:
    """The circumstances of one run of one stage.

    known_utc: the "now" of the run; a stage never reads the clock.
    store: the lake that the run reads and writes.
    asked_window: what the run was asked for, before it was widened to whole local days; None where it is the window.
    lookback_days: days before the window for which the stage is given rows, as flow.py declares.
    """

    region: Region
    window: Window
    known_utc: datetime
    run_id: str
    store: Store
    lookback_days: int = 0
    asked_window: Window | None = None

    @property
    def known_hour_utc(self) -> datetime:
        """The end of the last hour that has ended at the known time."""
        return self.known_utc.replace(minute=0, second=0, microsecond=0)
