"""A PDF from a Typst template and the values that it shows, with the glyphs that come with the package.

Belongs here: the one call of Typst. Does not: what a page says (its template), where it is written.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigdata_emis.errors import InputError

VALUES = "sheet"
"""The name under which a template reads its values."""
NO_TIME_S = 0
"""The time in the metadata, since equal values give equal bytes; a page shows its time in its text."""


def render_pdf(template: Path, values: Mapping[str, Any]) -> bytes:
    """The PDF of a template. Raises InputError when the template gives several files."""
    import typst
    from noto_cjk_sans_otc import FONT_PATH

    pdf = typst.compile(
        str(template),
        sys_inputs={VALUES: json.dumps(values, ensure_ascii=False)},
        font_paths=[str(Path(str(FONT_PATH)).parent)],
        ignore_system_fonts=True,
        timestamp=NO_TIME_S,
    )
    if not isinstance(pdf, bytes):
        raise InputError(f"{template.name} gives more than one file", "print one page at a time")
    return pdf
