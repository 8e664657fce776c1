"""The code lists of schema/codes.csv as Python enumerations: the text of `bigdata_emis/codes.py`.

Belongs here: one class a code list, one member a code. Does not: titles and notes, which `schema.codes()` gives.
"""

import re

from bigdata_emis import schema

HEAD = '''"""Every code of the code lists as an enumeration; a member is the text that tables hold.

Generated from schema/codes.csv by `python -m bigdata_emis.docgen.generated_files`: change the codes there.
Belongs here: nothing written by hand. Does not: titles in English and Chinese (`schema.codes()`).
"""

from enum import StrEnum
'''


def code_enums() -> str:
    """The text of codes.py: a StrEnum for each code list, in the order of codes.csv."""
    return HEAD + "".join(_enumeration(name, list(codes)) for name, codes in schema.codes().items())


def _enumeration(code_list: str, codes: list[str]) -> str:
    members = "".join(f'    {_member(code)} = "{code}"\n' for code in codes)
    title = code_list.replace("_", " ")
    return f'\n\nclass {"".join(part.capitalize() for part in code_list.split("_"))}(StrEnum):\n    """Codes of the list {title}."""\n\n{members}'


def _member(code: str) -> str:
    """The name of a member: the code in capitals, with `_` for what a name cannot hold."""
    name = re.sub(r"\W", "_", re.sub(r"-$", "_minus", code)).upper()
    return f"CODE_{name}" if name[:1].isdigit() else name
