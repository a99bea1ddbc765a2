from prometheus_client import Counter

SIGN_IN_RESULTS = ("succeeded", "failed", "locked_out")
BOUNDED_EVENTS = (
    "account.sign_in_failed",
    "account.unknown_sign_in_failed",
    "account.permission_refused",
)

sign_ins = Counter(
    "sign_ins_total",
    "Attempts to sign in, for a session or a token, by how they ended.",
    ["result"],
)
permissions_refused = Counter(
    "permissions_refused_total", "Requests answered with a 403: not theirs to do."
)
security_events_unrecorded = Counter(
    "security_events_unrecorded_total",
    "Security events that only this counts: their stream had its share of records.",
    ["event"],
)

for _result in SIGN_IN_RESULTS:
    sign_ins.labels(_result)
for _event in BOUNDED_EVENTS:
    security_events_unrecorded.labels(_event)
