// A plan's form shows, and sends, what the chosen format takes. Without this it shows all of it.
// Its times are in UTC, with or without this, which says beside each when that is for the visitor.

import { inWords } from "../web/times.js";

const MOMENTS = "input[type=datetime-local]";

function fit(form) {
  const chosen = form.elements.namedItem("format")?.value;
  for (const field of form.querySelectorAll("[data-formats]")) {
    field.disabled = !field.dataset.formats.split(" ").includes(chosen);
    field.closest(".field").hidden = field.disabled;
  }
}

function tellHere(field) {
  const at = new Date(`${field.value}Z`);
  const words = Number.isNaN(at.valueOf()) ? "" : `Where you are: ${inWords(at, "full")}`;
  if (field.nextElementSibling?.tagName !== "OUTPUT") field.after(document.createElement("output"));
  field.nextElementSibling.className = "helptext";
  field.nextElementSibling.textContent = words;
}

function fitAll() {
  document.querySelectorAll("main form").forEach(fit);
  document.querySelectorAll(MOMENTS).forEach(tellHere);
}

document.addEventListener("change", ({ target }) => { if (target.name === "format") fit(target.form); });
document.addEventListener("input", ({ target }) => { if (target.matches(MOMENTS)) tellHere(target); });
document.body.addEventListener("htmx:afterSwap", fitAll);
// A browser that comes back to the page may have put other choices in.
window.addEventListener("pageshow", fitAll);
fitAll();
