"""A line a feed and a line an instrument."""

from bigdata_emis.cli.commands.quality_command import quality_lines


def test_feeds_and_visits_are_lines():
    document = {
        "feeds": [{"feed": "power", "complete_share": 0.8333, "quarantined": {"negative": 1}, "marks": {"gap": 8}}],
        "visits": [{"feed": "power", "source": "b", "lost_hours": 8, "reasons": {"gap": 8}}],
        "files": {"html_en": "q.en.html"},
    }
    text = "\n".join(quality_lines(document))
    assert all(part in text for part in ("power", "83.3%", "1 negative", "8 gap", "q.en.html"))
