"""From which value on a figure has which colour, where no alert says so."""

from grafana.shapes import Step

UP = [Step(None, "red"), Step(1, "green")]
NONE = [Step(None, "green"), Step(1, "red")]
FEW = [Step(None, "green"), Step(1, "orange")]
FULL = [Step(None, "green"), Step(0.8, "orange"), Step(0.95, "red")]
LEFT = [Step(None, "red"), Step(0.25, "orange"), Step(0.5, "green")]
