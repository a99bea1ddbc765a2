from prometheus_client import Counter

SIGN_IN_RESULTS = ("succeeded", "failed", "locked_out")
BOUNDED_EVENTS = (
    "account.sign_in_failed",
    "account.unknown_sign_in_failed",
    "account.permission_refused",
)

sign_ins = Counter(
    "sign_ins_total", "Sign-in attempts, for a session or a token, by result.", ["result"]
)
permissions_refused = Counter("permissions_refused_total", "Responses with status 403.")
security_events_unrecorded = Counter(
    "security_events_unrecorded_total",
    "Security events over the rate limit: counted here, and not recorded.",
    ["event"],
)

for _result in SIGN_IN_RESULTS:
    sign_ins.labels(_result)
for _event in BOUNDED_EVENTS:
    security_events_unrecorded.labels(_event)
