from prometheus_client import Counter

SIGN_IN_RESULTS = ("succeeded", "failed", "locked_out")
BOUNDED_EVENTS = (
    "account.sign_in_failed",
    "account.unknown_sign_in_failed",
    "account.permission_refused",
)

sign_ins = Counter(
    "sign_ins_total",
    "Total number of attempts to sign in or to create a token, by result.",
    ["result"],
)
permissions_refused = Counter(
    "permissions_refused_total", "Total number of responses with status 403."
)
security_events_unrecorded = Counter(
    "security_events_unrecorded_total",
    "Total number of security events over the rate limit, which are not recorded.",
    ["event"],
)

for _result in SIGN_IN_RESULTS:
    sign_ins.labels(_result)
for _event in BOUNDED_EVENTS:
    security_events_unrecorded.labels(_event)
