"""Region jjj of the demonstration (tiny), read, trained and published up to the day before the trial.

Belongs here: which stages run on which days. Does not: the stages (workflow), or the day of the trial (airflow_day).

    EMIS_HOME=FOLDER python -m bench.trial.prepare
"""

from datetime import UTC, date, datetime

from bigdata_emis.demo import show
from bigdata_emis.demo.generate import generate
from bigdata_emis.region import load_region
from bigdata_emis.settings import settings
from bigdata_emis.storage.registries.registry_identity import prepare_registry
from bigdata_emis.workflow.day import run_flow

SEED, SIZE = 20151219, "tiny"
LAST_DAY = date(2015, 12, 20)
STEPS = (
    (show.READINGS, show.FIRST_DAY, LAST_DAY),
    (("collect_forecast",), show.FIRST_DAY, LAST_DAY),
    (show.TRAINING, show.FIRST_DAY, show.TRAINING_LAST_DAY),
    (show.FACTORS, show.FIRST_DAY, LAST_DAY),
    (show.INVENTORY, LAST_DAY, LAST_DAY),
)


def main() -> None:
    """Generate the region below EMIS_HOME and run the steps."""
    generate(seed=SEED, size=SIZE, home=settings().home)
    prepare_registry()
    region, known_utc = load_region("jjj"), datetime.now(UTC)
    with show.serve_providers():
        for stages, first, last in STEPS:
            run_flow(region, show.window_of_days(region, first, last), known_utc=known_utc, only=stages)
            print(f"{first} to {last}: {', '.join(stages)}", flush=True)


if __name__ == "__main__":
    main()
