// When htmx removes the focused button, moves the focus to the new content instead of the top of
// the page.

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.requestConfig.verb === "get" || document.activeElement !== document.body) return;
  const target = document.getElementById(detail.target.id);
  if (!target) return;
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
});
