"""Benchmarking of hourly emission to audited monthly totals."""
