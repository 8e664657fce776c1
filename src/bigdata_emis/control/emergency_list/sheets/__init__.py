"""Workbooks of emergency lists: opened with limits, their headings and cells read."""
