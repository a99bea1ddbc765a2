"""What is this project's own in every dashboard. `limits.py` and `boards/` are all its own."""

NAME = "DeltaCrown"
SLUG = "deltacrown"  # begins each dashboard's uid, and is the tag of all
