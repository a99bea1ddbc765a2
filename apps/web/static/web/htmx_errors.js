// Shows a message when htmx gets no usable response. The page stays as it is.

function showError(message) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.dataset.kind = "error";
  notice.textContent = message;
  document.getElementById("notices").replaceChildren(notice);
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!target.id || xhr.responseText.includes(`id="${target.id}"`)) return;
  event.detail.shouldSwap = false;
  // A redirect, for example to the sign-in page.
  if (xhr.status < 400) location.assign(xhr.responseURL);
  else showError(`Something went wrong (${xhr.status}). Reload the page and try again.`);
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, () => showError("No response. Check your connection and try again."));
}
