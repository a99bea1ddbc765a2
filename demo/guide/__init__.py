"""Runs the commands, queries and snippets of MONITORING.md as written, and compares the results.

BASE_URL=http://127.0.0.1:8000 PROMETHEUS_URL=http://127.0.0.1:9090 python -m demo.guide
"""
