"""Names, units, codes and tables: declared once as data, and rendered for Arrow, Spark, SQL and the documents.

Belongs here: fields/*.csv, codes.csv, conventions.csv, tables/*.toml and their renderings. Does not: any data or any
arithmetic.
"""

from bigdata_emis.schema.model import Code, Convention, Field, Table, codes, conventions, field, fields, table, tables

__all__ = ["Code", "Convention", "Field", "Table", "codes", "conventions", "field", "fields", "table", "tables"]
