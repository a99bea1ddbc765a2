// Who pressed a button that is gone is not sent back to the top of the page: the focus goes to what
// came in its place.

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.requestConfig.verb === "get" || document.activeElement !== document.body) return;
  const place = document.getElementById(detail.target.id);
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});
