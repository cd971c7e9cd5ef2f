"""Footbridge: what a participant writes between sessions, and the coach who answers it."""

__version__ = "0.1.0"
