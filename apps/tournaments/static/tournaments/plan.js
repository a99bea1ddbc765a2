// Shows only the fields of the chosen format, and the visitor's local time beside each UTC time.
// Without JavaScript the form shows all fields.

import { formatTime } from "../web/times.js";

const MOMENTS = "input[type=datetime-local]";

function fit(form) {
  const chosen = form.elements.namedItem("format")?.value;
  if (!chosen) return; // the server sends only the fields of a format that cannot change
  for (const field of form.querySelectorAll("[data-formats]")) {
    field.disabled = !field.dataset.formats.split(" ").includes(chosen);
    field.closest(".field").hidden = field.disabled;
  }
}

function showLocalTime(field) {
  const at = new Date(`${field.value}Z`);
  const text = Number.isNaN(at.valueOf()) ? "" : `Your time: ${formatTime(at, "full")}`;
  if (field.nextElementSibling?.tagName !== "OUTPUT") field.after(document.createElement("output"));
  field.nextElementSibling.className = "helptext";
  field.nextElementSibling.textContent = text;
}

function fitAll() {
  document.querySelectorAll("main form").forEach(fit);
  document.querySelectorAll(MOMENTS).forEach(showLocalTime);
}

document.addEventListener("change", ({ target }) => { if (target.name === "format") fit(target.form); });
document.addEventListener("input", ({ target }) => { if (target.matches(MOMENTS)) showLocalTime(target); });
document.body.addEventListener("htmx:afterSwap", fitAll);
// Going back in the browser can restore other values.
window.addEventListener("pageshow", fitAll);
fitAll();
