"""Starts servers and the application's processes on this machine, for tests and drills."""
