"""What of a Chinese sentence is English: words of an exception, or a code that has a name."""

import re
from typing import Any

from bigdata_emis import schema

WORDS = re.compile(r"(?<![\w./=-])[a-z][a-z_]+(?: [a-z][a-z_]+)+(?![\w/=-])")
"""Two or more English words one after the other."""
COMMAND = re.compile(r"emis [a-z]+(?: [a-z]+| --?[a-z]+(?: [\w-]+)?)*")
LEVELS = re.compile(rf"\b(?:{'|'.join(schema.codes()['alert_level'])})(?![\w-])")


def english_in(text: str) -> list[str]:
    """The English words and codes of levels in a Chinese text; commands that it names are none."""
    said = COMMAND.sub("", text)
    return [*WORDS.findall(said), *LEVELS.findall(said)]


def chinese_texts(document: Any) -> list[str]:
    """Every text of a document under a key `zh`, where it differs from the English one beside it."""
    if isinstance(document, dict):
        own = [document["zh"]] if "zh" in document and document["zh"] != document.get("en") else []
        return own + [text for value in document.values() for text in chinese_texts(value)]
    return [text for one in document for text in chinese_texts(one)] if isinstance(document, list | tuple) else []
