"""Servers and the application's own processes on this machine, for the tests and for the drills."""
