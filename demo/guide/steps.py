"""Which kind of snippet is run how."""

from demo.guide import answers, configuration, queries, scripts
from demo.guide.running import Outcome
from demo.guide.text import Snippet

# Parts of files, of which ours are something else to the same end: what differs, and the tests that
# hold ours to what the guide says of it.
COMPILED = {
    "INSTALLED_APPS": "deltacrown/settings.py: tests/guide/test_prometheus_configuration.py",
    "urlpatterns": "apps/core/exposition.py: tests/guide/test_prometheus_configuration.py",
    "AsyncWebsocketConsumer": "apps/core/sockets: tests/guide/test_prometheus_metrics.py",
}


class Runner:
    """Runs snippets against one deployment; Problem where one does not give what the guide says."""

    def __init__(self, base_url: str, ask: queries.Ask) -> None:
        self.base_url = base_url
        self.ask = ask

    def run(self, snippet: Snippet) -> Outcome:
        match snippet.kind:
            case "promql":
                return queries.query(self.ask, snippet.text.strip())
            case "bash":
                return self._bash(snippet.text)
            case "python":
                return self._python(snippet)
        tests = "tests/guide/test_health_checks.py"
        return Outcome(f"only shown, as nothing is broken here: see {tests}", compared=False)

    def _bash(self, text: str) -> Outcome:
        if "curl" in text:
            return answers.curl(self.base_url, text)
        if "pip install" in text:
            return configuration.installed(text)
        return configuration.variables(text)

    def _python(self, snippet: Snippet) -> Outcome:
        code = snippet.text.replace(answers.THERE, self.base_url)
        for mark, ours in COMPILED.items():
            if mark in code:
                compile(code, str(snippet), "exec")
                return Outcome(f"only compiled: a part of a file. Ours is {ours}", compared=False)
        if "LOGGING = {" in code:
            return configuration.logs(code)
        if "prometheus_client" in code:
            return scripts.defines(code, self.base_url)
        if "requests.get" in code:
            return scripts.loads(code, self.base_url)
        return scripts.logs(code) if "logger." in code else scripts.sends(code)
