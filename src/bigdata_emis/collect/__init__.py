"""Collect what moves with emissions: fetch answers of providers, store them as received, parse them into readings."""
