"""Python enumerations of the code lists in schema/codes.csv: the text of `bigdata_emis/codes.py`.

Belongs here: one class a code list, one member a code. Does not: titles and notes (`schema.codes()`).
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
    """Render codes.py: a StrEnum for each code list, in the order of codes.csv."""
    return HEAD + "".join(_render_enumeration(name, list(codes)) for name, codes in schema.codes().items())


def _render_enumeration(code_list: str, codes: list[str]) -> str:
    members = "".join(f'    {_member_name(code)} = "{code}"\n' for code in codes)
    title = code_list.replace("_", " ")
    class_name = "".join(part.capitalize() for part in code_list.split("_"))
    return f'\n\nclass {class_name}(StrEnum):\n    """Codes of the list {title}."""\n\n{members}'


def _member_name(code: str) -> str:
    """Return the name of a member: the code in capitals, with `_` for characters that a name cannot have."""
    name = re.sub(r"\W", "_", re.sub(r"-$", "_minus", code)).upper()
    return f"CODE_{name}" if name[:1].isdigit() else name
