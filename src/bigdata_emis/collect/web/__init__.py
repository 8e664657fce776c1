"""Asking a provider over HTTP: one session with deadlines, and pages that belong together."""
