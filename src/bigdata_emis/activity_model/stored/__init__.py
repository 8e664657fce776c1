"""Stored models: their JSON text, its checks, its use, and which version is in use."""
