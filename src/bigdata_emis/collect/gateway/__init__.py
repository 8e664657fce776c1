"""Telegrams of HJ 212: reading them from bytes, and the gateway to which stations send them over TCP."""
