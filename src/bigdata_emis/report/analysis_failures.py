"""The sentences of a day's page on analyses that failed, without which the inventory of the day is whole.

Belongs here: which stages are named, and in which words. Does not: running or recording them (run).
"""

from bigdata_emis.region import Region
from bigdata_emis.storage import database
from bigdata_emis.window import Window

TITLES = {"associate": ("The association analysis", "关联分析"), "decompose": ("The decomposition", "变化分解")}
SUCCESSFUL = ("done", "partial")


def analysis_failures(region: Region, window: Window) -> dict[str, dict[str, str]]:
    """By stage, that its last run over the window failed, and why, in both languages."""
    failures = {}
    for stage, (title_en, title_zh) in TITLES.items():
        rows = database.query(
            "last_run_of_stage",
            region_id=region.region_id,
            stage_name=stage,
            from_utc=window.from_utc,
            to_utc=window.to_utc,
        ).to_pylist()
        for row in (row for row in rows if row["status"] not in SUCCESSFUL):
            reason, command = row["error"] or row["status"], f"emis runs --failed --region {region.region_id}"
            failures[stage] = {
                "en": f"{title_en} of this day failed; the inventory is whole without it. {reason}",
                "zh": f"当日{title_zh}未能完成，清单不受影响；原因请查 {command}。",
            }
    return failures
