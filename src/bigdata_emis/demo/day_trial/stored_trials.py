"""Results of trials of whole days, a file for each seed, so that a trial that was stopped goes on where it was.

Belongs here: their place and when one may be used again. Does not: what they contain (day_trial).
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from bigdata_emis.settings import PACKAGE
from bigdata_emis.storage.files import make_folder

FOLDER = Path("trials") / "days"
CODE_SUFFIXES = (".py", ".csv", ".gz", ".toml", ".sql")


def read_trial(home: Path, seed: int, size: str) -> dict[str, Any] | None:
    """The stored result of a seed, or nothing where there is none of this very code."""
    path = _path(home, seed, size)
    if not path.is_file():
        return None
    stored = json.loads(path.read_text("utf-8"))
    result: dict[str, Any] = stored["result"]
    return result if stored["code"] == code_digest() else None


def write_trial(home: Path, seed: int, size: str, result: dict[str, Any]) -> None:
    """Store the result of a seed in one step, with the digest of the code that computed it."""
    path = _path(home, seed, size)
    make_folder(path.parent)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps({"code": code_digest(), "result": result}), "utf-8")
    unfinished.replace(path)


@cache
def code_digest() -> str:
    """A digest of all code and tables of the package: any change of them may change a result."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in CODE_SUFFIXES:
            digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    return digest.hexdigest()


def _path(home: Path, seed: int, size: str) -> Path:
    return home / FOLDER / f"{size}-{seed}.json"
