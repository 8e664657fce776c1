"""Row-wise equations with their sources: parameters are field names, and a function is named after the field it yields.

Belongs here: equations that need no table, no engine and no file. Does not: coefficients (reference) or joins (stages).
"""
