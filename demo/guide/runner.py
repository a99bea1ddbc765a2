"""Selects the check for each kind of snippet."""

from demo.guide import configuration, curl, queries, scripts
from demo.guide.commands import Outcome
from demo.guide.snippets import Snippet

# Excerpts of files that differ in this project: the own file, and the tests that compare the two.
EXCERPTS = {
    "INSTALLED_APPS": "deltacrown/settings.py: tests/guide/test_prometheus_configuration.py",
    "urlpatterns": "apps/core/prometheus/endpoint.py: tests/guide/test_prometheus_configuration.py",
    "AsyncWebsocketConsumer": "apps/core/websocket: tests/guide/test_prometheus_metrics.py",
}


class SnippetRunner:
    """Runs snippets against a deployment. Raises DemoError if a result differs from the guide."""

    def __init__(self, base_url: str, query: queries.Query) -> None:
        self.base_url = base_url
        self.query = query

    def run(self, snippet: Snippet) -> Outcome:
        match snippet.kind:
            case "promql":
                return queries.check_expression(self.query, snippet.text.strip())
            case "bash":
                return self._bash(snippet.text)
            case "python":
                return self._python(snippet)
        tests = "tests/guide/test_health_checks.py"
        return Outcome(f"only shown: needs a broken server, see {tests}", compared=False)

    def _bash(self, text: str) -> Outcome:
        if "curl" in text:
            return curl.check_responses(self.base_url, text)
        if "pip install" in text:
            return configuration.check_requirement(text)
        return configuration.check_variables(text)

    def _python(self, snippet: Snippet) -> Outcome:
        code = snippet.text.replace(curl.GUIDE_URL, self.base_url)
        for mark, own_file in EXCERPTS.items():
            if mark in code:
                compile(code, str(snippet), "exec")
                return Outcome(f"only compiled: an excerpt. See {own_file}", compared=False)
        if "LOGGING = {" in code:
            return configuration.check_logging(code)
        if "prometheus_client" in code:
            return scripts.check_metrics(code, self.base_url)
        if "requests.get" in code:
            return scripts.check_load(code, self.base_url)
        return scripts.check_logs(code) if "logger." in code else scripts.check_sentry(code)
