"""The hidden truth of the demonstration is out of reach of every stage."""

from pathlib import Path

from bigdata_emis import flow
from bigdata_emis.demo.generate import ARCHIVE, REGION
from bigdata_emis.demo.truth.truth import FOLDER
from bigdata_emis.settings import settings
from tests.contracts.package_sources import MODULES, name_of, part_of, source_of

SECRET = "bigdata_emis.demo.truth"
STAGES = {stage.verb for stage in flow.STAGES} | {"run", "storage", "engine"}
OUTSIDE = [path for path in MODULES if part_of(path) != "demo"]


def test_no_module_outside_the_demonstration_refers_to_the_truth() -> None:
    def is_of_truth(text: str) -> bool:
        return FOLDER.as_posix() in text or "truth_emission" in text or text == FOLDER.parts[0]

    assert {name_of(p): text for p in OUTSIDE for text in source_of(p).texts if is_of_truth(text)} == {}
    assert {name_of(p): name for p in OUTSIDE for name in source_of(p).imports if name.startswith(SECRET)} == {}


def test_no_stage_and_no_room_of_storage_engine_or_run_imports_the_demonstration() -> None:
    rooms = [path for path in OUTSIDE if part_of(path) in STAGES]
    assert len(rooms) > len(STAGES)
    found = {name_of(p): n for p in rooms for n in source_of(p).imports if n.startswith("bigdata_emis.demo")}
    assert found == {}


def test_the_truth_lies_outside_the_lake_the_region_folder_and_the_providers_archive(home: Path) -> None:
    truth = settings().home / FOLDER
    for reachable in (Path(settings().lake), settings().home / REGION, settings().home / ARCHIVE):
        assert not truth.is_relative_to(reachable)
        assert not reachable.is_relative_to(truth)
