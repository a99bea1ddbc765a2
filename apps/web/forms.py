"""Forms that call a service, and pages with several actions.

    ACTIONS = {"report": Action(services.match_report, ReportForm, "Score reported.")}

    def match_room(request, match_id):
        forms = PageForms(request, ACTIONS, match_id=match_id, player=request.user)
        if forms.done:
            return redirect(request.path)
        return with_error_status(render(request, "room.html", {"forms": forms}), forms)

The field "do" of the POST names the action.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from apps.api.schemas import MAX_ID
from apps.core.exceptions import DomainError, TooManyRequests


def hidden_id(*, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1, max_value=MAX_ID, required=required, widget=forms.HiddenInput
    )


class ServiceForm(forms.Form):
    """Shows a DomainError of the service next to its field, or above the form. `status` is the HTTP
    status for the page."""

    status = 200
    retry_after = 0  # seconds, after TooManyRequests
    done = False
    result: Any = None

    def submit(self, service: Callable[..., Any], **arguments: Any) -> bool:
        """Calls the service with the fields and the arguments, and keeps its return value in
        `result`. False if the form is invalid or the service raises DomainError."""
        if not self.is_valid():
            self.status = 422
            return False
        try:
            self.result = service(**self.arguments(), **arguments)
            self.done = True
        except DomainError as error:
            self.add_domain_error(error)
        return self.done

    def arguments(self) -> dict[str, Any]:
        """The service's arguments that come from the fields."""
        return self.cleaned_data

    def add_domain_error(self, error: DomainError) -> None:
        self.status = error.status
        if isinstance(error, TooManyRequests):
            self.retry_after = error.retry_after
        for name, sentence in error.field_sentences().items():
            if name in self.fields:
                self.add_error(name, sentence)
        if not self.errors:
            # The error may have fields that this form does not have.
            self.add_error(None, error.full_message())


@dataclass(frozen=True)
class Action:
    """An action of a page."""

    service: Callable[..., Any]
    form: Callable[..., ServiceForm] = ServiceForm
    success_message: str = ""


Actions = dict[str, Action]


class PageForms(dict[str, ServiceForm]):
    """The forms of a page, by action. Runs the action of a POST; raises BadRequest for an unknown
    one."""

    def __init__(self, request: HttpRequest, actions: Actions, **arguments: Any) -> None:
        super().__init__(
            {name: action.form(auto_id=f"{name}_%s") for name, action in actions.items()}
        )
        if request.method == "POST":
            self._run(request, actions, arguments)

    @property
    def done(self) -> ServiceForm | None:
        """The form of the action that succeeded."""
        return next((form for form in self.values() if form.done), None)

    def _run(self, request: HttpRequest, actions: Actions, arguments: dict[str, Any]) -> None:
        name = request.POST.get("do", "")
        if name not in actions:
            raise BadRequest("unknown action")
        action = actions[name]
        self[name] = action.form(request.POST, auto_id=f"{name}_%s")
        if self[name].submit(action.service, **arguments) and action.success_message:
            messages.success(request, action.success_message)


def with_error_status(page: HttpResponse, forms: Mapping[str, ServiceForm]) -> HttpResponse:
    """Sets the status and Retry-After of a failed form."""
    for form in forms.values():
        page.status_code = max(page.status_code, form.status)
        if form.retry_after:
            page.headers["Retry-After"] = str(form.retry_after)
    return page


def parse_id(text: str) -> int:
    """0 for an invalid id."""
    valid = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_ID))
    return min(int(text), MAX_ID) if valid else 0
