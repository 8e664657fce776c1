"""Sheets in Chinese and English as HTML and PDF."""
