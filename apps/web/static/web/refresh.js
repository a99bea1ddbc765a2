// Replaces an element with the server's current version. It waits while a request of the page is in
// progress: the response needs its target.

let underway = 0;
const waiting = new Map();

document.body.addEventListener("htmx:beforeRequest", () => { underway += 1; });
document.body.addEventListener("htmx:afterRequest", () => {
  underway -= 1;
  const [[next, seq] = []] = waiting;
  if (!underway && next) {
    waiting.delete(next);
    refresh(next, seq);
  }
});

// Does nothing if the element's `data-seq` is `seq` or later.
export function refresh(selector, seq = Infinity) {
  if (underway) waiting.set(selector, seq);
  else if (document.querySelector(selector).dataset.seq >= seq) return;
  else htmx.ajax("GET", location.pathname, { target: selector, select: selector, swap: "outerHTML" });
}
