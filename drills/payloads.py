"""The messages that Alertmanager sends, validated as strictly as their receivers do.

PagerDuty: Events API v2. Slack: incoming webhooks. Dead man's switch: Alertmanager's webhook,
version 4. Each parser raises `InvalidPayload` where the real service would answer 400.
"""

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasPath, BaseModel, Field, ValidationError

Json = dict[str, Any]
Channel = Literal["pagerduty", "slack", "watchdog"]
Status = Literal["firing", "resolved"]
Severity = Literal["critical", "error", "warning", "info"]

Text = Annotated[str, Field(min_length=1, max_length=255)]
LongText = Annotated[str, Field(min_length=1, max_length=1024)]
Url = Annotated[str, Field(min_length=1, max_length=3000)]
SLACK_TITLE = re.compile(r"^\[(FIRING|RESOLVED)\] (\w+): (.+)", re.DOTALL)
PAGERDUTY_STATUS: dict[str, Status] = {"trigger": "firing", "resolve": "resolved"}
SLACK_STATUS: dict[str, Status] = {"FIRING": "firing", "RESOLVED": "resolved"}


class InvalidPayload(Exception):
    """The reason for which the service would reject the message."""


class Notification(BaseModel):
    channel: Channel
    alert: str
    status: Status
    summary: str
    key: str = ""  # the service matches a resolve to its trigger by this key
    links: tuple[str, ...] = ()
    text: str = ""
    body: Json = Field(default={}, repr=False)


class Link(BaseModel):
    href: Url


class PagerDutyEvent(BaseModel):
    routing_key: str = Field(pattern=r"^[0-9a-zA-Z]{32}$")
    event_action: Literal["trigger", "resolve"]
    dedup_key: Text
    alert: Text = Field(validation_alias=AliasPath("payload", "class"))
    source: Text = Field(validation_alias=AliasPath("payload", "source"))
    summary: LongText = Field(validation_alias=AliasPath("payload", "summary"))
    severity: Severity = Field(validation_alias=AliasPath("payload", "severity"))
    details: Any = Field("", validation_alias=AliasPath("payload", "custom_details"))
    links: list[Link] = []


class Button(BaseModel):
    url: Url


class Attachment(BaseModel):
    title: str = Field(max_length=3000, pattern=SLACK_TITLE)
    fallback: str = Field(min_length=1, max_length=3000)
    text: str = Field(min_length=1, max_length=8000)
    actions: list[Button] = Field([], max_length=5)


class SlackMessage(BaseModel):
    attachments: list[Attachment] = Field(min_length=1, max_length=1)


class WebhookMessage(BaseModel):
    version: Literal["4"]
    status: Status
    key: LongText = Field(validation_alias="groupKey")
    alert: Text = Field(validation_alias=AliasPath("commonLabels", "alertname"))
    summary: LongText = Field(validation_alias=AliasPath("commonAnnotations", "summary"))


def pagerduty(body: Json) -> Notification:
    event = _validate(PagerDutyEvent, body)
    return Notification(
        channel="pagerduty",
        alert=event.alert,
        status=PAGERDUTY_STATUS[event.event_action],
        summary=event.summary,
        key=event.dedup_key,
        links=tuple(link.href for link in event.links),
        text=str(event.details),
        body=body,
    )


def slack(body: Json) -> Notification:
    if "attachments" not in body:
        raise InvalidPayload("no_text")
    [attachment] = _validate(SlackMessage, body).attachments
    [(status, alert, summary)] = SLACK_TITLE.findall(attachment.title)
    return Notification(
        channel="slack",
        alert=alert,
        status=SLACK_STATUS[status],
        summary=summary,
        links=tuple(button.url for button in attachment.actions),
        text=attachment.text,
        body=body,
    )


def watchdog(body: Json) -> Notification:
    message = _validate(WebhookMessage, body)
    return Notification(
        channel="watchdog",
        alert=message.alert,
        status=message.status,
        summary=message.summary,
        key=message.key,
        body=body,
    )


T = TypeVar("T", bound=BaseModel)


def _validate(model: type[T], body: Json) -> T:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise InvalidPayload(str(error)) from None
