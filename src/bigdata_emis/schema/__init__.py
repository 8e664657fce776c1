"""Names, units, codes and tables: declared once as data here, and rendered for every user of them.

Belongs here: fields/*.csv, codes.csv, tables/*.toml and what renders them. Does not: any data or any arithmetic.
"""

from bigdata_emis.schema.model import Code, Field, Table, codes, field, fields, table, tables

__all__ = ["Code", "Field", "Table", "codes", "field", "fields", "table", "tables"]
