"""The kinds of values that keys of feeds.toml have, each with what a refusal says was expected.

Belongs here: text, count, span of time, day. Does not: the keys (feed_config), their ranges (feed_ranges).
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field


def _parse_day(value: object) -> object:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    return date.fromisoformat(str(value))


Text = Annotated[str, Field(description="a text", examples=['{key} = "…", in quotes'])]
Count = Annotated[int, Field(ge=1, description="a whole number from 1 on", examples=["{key} = 10"])]
Span = Annotated[
    float, Field(ge=0, allow_inf_nan=False, description="a number from 0 on", examples=["{key} = 10, without quotes"])
]
Deadline = Annotated[
    float, Field(gt=0, allow_inf_nan=False, description="a number above 0", examples=["{key} = 120, without quotes"])
]
Number = Annotated[float, Field(allow_inf_nan=False)]
Rows = Annotated[int, Field(ge=0, description="a whole number from 0 on", examples=["{key} = 2"])]
Texts = Annotated[list[str], Field(description="a list of texts", examples=['{key} = ["…"]'])]
Day = Annotated[date | None, BeforeValidator(_parse_day), Field(description="a date", examples=["{key} = 2015-12-20"])]
