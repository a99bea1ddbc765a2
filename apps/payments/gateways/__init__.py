"""The registry of payment providers: Stripe and PayPal where their keys are set, else the sandbox.

A provider is a package in this folder whose `__init__` declares `PROVIDER`. Its gateway is imported
when it is first used: the SDK of Stripe takes half a second and 9 MB. The settings module reads the
declarations, so nothing here imports models.
"""

import pkgutil
from functools import cache
from importlib import import_module
from operator import attrgetter

from django.conf import settings
from django.utils.module_loading import import_string

from apps.payments.gateways.base import Gateway, Provider


def _discover() -> dict[str, Provider]:
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    packages = [import_module(f"{__name__}.{name}") for name in names]
    providers = [package.PROVIDER for package in packages if hasattr(package, "PROVIDER")]
    providers.sort(key=attrgetter("position"))
    by_name = {provider.name: provider for provider in providers}
    if len(by_name) < len(providers):
        raise ValueError(f"Two payment providers have the same name: {sorted(by_name)}")
    return by_name


PROVIDERS = _discover()


def provider_choices() -> list[tuple[str, str]]:
    """For a model field: a function, so that a new provider needs no migration."""
    return [(provider.name, provider.display_name) for provider in PROVIDERS.values()]


def is_live(method: str) -> bool:
    """Whether payments by this method move real money."""
    return bool(getattr(settings, PROVIDERS[method].credentials[0]))


def live_methods() -> list[str]:
    return [method for method in PROVIDERS if is_live(method)]


def enabled_methods() -> list[str]:
    """For new payments. Once one provider is live, the sandbox takes none for the others."""
    return live_methods() or list(PROVIDERS)


def gateway_for(method: str) -> Gateway:
    if not is_live(method):
        return _create("apps.payments.gateways.sandbox.gateway.SandboxGateway", method)
    provider = PROVIDERS[method]
    names = [*provider.credentials, provider.api_base_setting, "PAYMENT_TIMEOUT_SECONDS"]
    return _create(provider.gateway, *(getattr(settings, name) for name in names))


@cache
def _create(path: str, *arguments: str | int) -> Gateway:
    """The same instance for the same settings: it keeps connections and access tokens."""
    gateway: Gateway = import_string(path)(*arguments)
    return gateway
