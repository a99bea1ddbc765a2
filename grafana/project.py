"""The name of this project in every dashboard."""

NAME = "DeltaCrown"
SLUG = "deltacrown"  # prefix of the uids, and tag of all dashboards
