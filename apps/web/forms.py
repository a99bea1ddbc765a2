"""Forms whose valid content goes to a service, and pages on which several things can be done.

    ACTIONS = {"report": Action(services.match_report, ReportForm, "Your result is in.")}

    def match_room(request, match_id):
        forms = build_forms(ACTIONS)
        if request.method == "POST":
            form = submit(request, ACTIONS, match_id=match_id, player=request.user)
            if form.done:
                return redirect(request.path)
            forms[form.action] = form
        return with_error_status(render(request, "room.html", {"forms": forms}), forms)

A form without JavaScript is posted, answered with a redirect or with the page and what is wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from apps.api.schemas import MAX_ID
from apps.core.exceptions import DomainError, TooManyRequests


class ServiceForm(forms.Form):
    """What the service refuses stands next to the field that it names, or above the form, and
    `status` is then that of the page that shows it."""

    status = 200
    retry_after = 0  # seconds, where it was too often
    done = False
    action = ""
    result: Any = None

    def submit(self, service: Callable[..., Any], **known: Any) -> bool:
        """Gives the service the form's content and what is known besides; `result` is what it
        returns. False where the form is not valid or the service refuses."""
        if not self.is_valid():
            self.status = 422
            return False
        try:
            self.result = service(**self.arguments(), **known)
            self.done = True
        except DomainError as refusal:
            self.refuse(refusal)
        return self.done

    def arguments(self) -> dict[str, Any]:
        """What the service is given."""
        return self.cleaned_data

    def refuse(self, refusal: DomainError) -> None:
        self.status = refusal.status
        if isinstance(refusal, TooManyRequests):
            self.retry_after = refusal.retry_after
        for name, text in refusal.fields.items():
            if name in self.fields:
                self.add_error(name, capfirst(text))
        if not self.errors:
            # What it says of fields that this form has under other names says why.
            self.add_error(None, refusal.in_full())


@dataclass(frozen=True)
class Action:
    """Something to be done on a page: the service, what it asks for, what is said of it then."""

    service: Callable[..., Any]
    form: Callable[..., ServiceForm] = ServiceForm
    said: str = ""


Actions = dict[str, Action]


def build_forms(actions: Actions) -> dict[str, ServiceForm]:
    return {name: action.form(auto_id=f"{name}_%s") for name, action in actions.items()}


def submit(request: HttpRequest, actions: Actions, **known: Any) -> ServiceForm:
    """Does the one of the actions that was posted. Raises BadRequest for another."""
    name = request.POST.get("do", "")
    action = actions.get(name)
    if action is None:
        raise BadRequest("nothing that can be done here")
    form = action.form(request.POST, auto_id=f"{name}_%s")
    form.action = name
    if form.submit(action.service, **known) and action.said:
        messages.success(request, action.said)
    return form


def with_error_status(page: HttpResponse, forms: Mapping[str, ServiceForm]) -> HttpResponse:
    """With the status of what was refused, where something was, and with when to come again."""
    for form in forms.values():
        page.status_code = max(page.status_code, form.status)
        if form.retry_after:
            page.headers["Retry-After"] = str(form.retry_after)
    return page


def id_of(text: str) -> int:
    """0 for what is none."""
    usable = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_ID))
    return min(int(text), MAX_ID) if usable else 0
