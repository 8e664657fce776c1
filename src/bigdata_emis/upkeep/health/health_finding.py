"""One finding about the installed system: what was looked at, how it is, and what to do about it.

Belongs here: levels and titles of all findings. Does not: looking (the other modules of this room).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bigdata_emis.errors import EmisError


class HealthLevel(StrEnum):
    """How something is: well, not as it should be, or so that something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


TITLES = {
    "engine": ("engine", "计算引擎"),
    "disk": ("free disk space", "磁盘空间"),
    "permissions": ("permissions", "文件权限"),
    "leftovers": ("leftovers of killed processes", "异常终止残留"),
    "errors": ("errors that nobody foresaw", "意外错误"),
    "registry": ("registry", "登记库"),
    "lake": ("lake", "数据湖"),
    "clock": ("clock", "系统时钟"),
    "region": ("region folder", "区域文件夹"),
    "feed": ("feed", "数据源"),
    "published": ("last published day", "最近发布日"),
    "drafts": ("drafts that wait for a decision", "待审批情景"),
    "runs": ("runs of the last day", "最近一日运行"),
}
"""English and Chinese title of each check."""


@dataclass(frozen=True)
class HealthFinding:
    """What one check found.

    subject: what was looked at, such as a feed or a folder; empty when there is only one. what: how it is. remedy: what
    to do when it is not well. region: the region that it belongs to; empty for the whole system.
    """

    check: str
    level: HealthLevel
    what: str
    remedy: str = ""
    subject: str = ""
    region: str = ""

    @property
    def title_en(self) -> str:
        """Title in English."""
        return TITLES[self.check][0]

    @property
    def title_zh(self) -> str:
        """Title in Chinese."""
        return TITLES[self.check][1]


Check = Callable[[], Iterator[HealthFinding]]


def examine(name: str, check: Check, *, region: str = "") -> Iterator[HealthFinding]:
    """The findings of a check; an error that it meets is a finding, too, and the other checks go on."""
    try:
        yield from check()
    except EmisError as problem:
        yield HealthFinding(name, HealthLevel.FAIL, problem.what, problem.remedy, region=region)
    except OSError as problem:
        what = f"{problem.filename or type(problem).__name__}: {problem.strerror or problem}"
        yield HealthFinding(name, HealthLevel.FAIL, what, "check that it is there and may be read", region=region)
