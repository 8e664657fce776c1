"""Numbers that turn one unit of mass into another: declared once, used in every room.

Belongs here: what is exact by definition. Does not: units of fields (fields/), coefficients with a source (reference).
"""

G_PER_KG = 1e3
G_PER_T = 1e6
KG_PER_T = 1e3
