"""Stages that relate proxies to activity, emission and air quality."""
