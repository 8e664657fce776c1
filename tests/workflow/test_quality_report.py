"""The quality report lies beside the published tables in both languages."""

from pathlib import Path

import pytest

from bigdata_emis.workflow import quality_report
from bigdata_emis.workflow.quality_report import write_quality
from tests.report.quality.quality_town import DAY, KNOWN, lake, town


def test_the_report_is_written_in_both_languages(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = lake(tmp_path)
    monkeypatch.setattr(quality_report, "open_lake", lambda _: store)
    document = write_quality(town(tmp_path), DAY, known_utc=KNOWN)
    assert document["checks_page"] is None
    pages = [path for path in document["files"].values() if path.endswith(".html")]
    assert pages
    text = "".join(Path(path).read_text("utf-8") for path in pages)
    assert "Data quality of a day" in text
    assert "需现场核查的站点与表计" in text
