"""Pure arithmetic with its sources: parameters are field names, a function's name is the field it yields.

Belongs here: equations that need no table, no engine and no file. Does not: coefficients (reference) or joins (stages).
"""
