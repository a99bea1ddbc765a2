// What htmx was answered and cannot put in its place: nothing on the page is lost for it, and nothing
// passes in silence.

function say(words) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.dataset.kind = "error";
  notice.textContent = words;
  document.getElementById("notices").replaceChildren(notice);
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (!target.id || xhr.responseText.includes(`id="${target.id}"`)) return;
  event.detail.shouldSwap = false;
  // Sent elsewhere, as to sign in: there we go.
  if (xhr.status < 400) location.assign(xhr.responseURL);
  else say(`That did not work (${xhr.status}). Reload the page, and try again.`);
});

for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(lost, () => say("There was no answer. Try again when you are online."));
}
