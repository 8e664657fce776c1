"""A published town for tests that only read it, once for all of them."""

from pathlib import Path

import pytest

from tests.publish.export.exported_town import publish_exported_town

PLACES = ("EMIS_LAKE", "EMIS_DATABASE", "EMIS_REGIONS", "EMIS_ENGINE")


@pytest.fixture(scope="session")
def _published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for name in PLACES:
            patch.delenv(name, raising=False)
        home = tmp_path_factory.mktemp("published")
        patch.setenv("EMIS_HOME", str(home))
        publish_exported_town(home)
    return home


@pytest.fixture
def published(_published_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the town, as EMIS_HOME."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMIS_HOME", str(_published_home))
    return _published_home
