"""What of a published day rests on factors that nobody has compared with their source, as a sentence.

Belongs here: the words in both languages. Does not: which factors these are (publish/gate/unverified_factors).
"""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from bigdata_emis.report.sheet.report_sheet import Words, words
from bigdata_emis.storage.lake import Store
from bigdata_emis.storage.layout import PUBLISHED


def unverified_words(manifest: Mapping[str, Any], *, shown: Collection[str]) -> list[Words]:
    """One sentence with the shares of these pollutants; none where no factor of theirs is unverified."""
    factors = manifest.get("unverified_factors", {})
    shares = {code: share for code, share in factors.get("mass_share", {}).items() if code in shown}
    if not shares:
        return []
    listed, confidence = [f"{code} {100 * share:.1f} %" for code, share in shares.items()], factors["least_confidence"]
    return [
        words(
            f"{', '.join(listed)} of the day rest on emission factors that nobody has compared with their source "
            f"(confidence {confidence:g}; those of ships, aircraft and trains are remembered from the guide of 2014). "
            "Verify them before release.",
            f"当日{'、'.join(listed)}采用未与原文核对的排放因子（可信度{confidence:g}；船舶、飞机、铁路因子凭记忆录自"
            "2014年非道路移动源指南），对外发布前须核实。",
        )
    ]


def unverified_of_day(lake: Store, day: date, *, shown: Collection[str]) -> list[Words]:
    """The same from the manifest of a day; none where the day is not published."""
    content = lake.read_document(f"manifest/day={day}.json", tree=PUBLISHED)
    return unverified_words(json.loads(content), shown=shown) if content is not None else []
