// Reloads an element of this page. Waits until no other htmx request is in progress: its target
// would disappear, and its message with it.

let pending = 0;
const waiting = new Map();

document.body.addEventListener("htmx:beforeRequest", () => { pending += 1; });
document.body.addEventListener("htmx:afterRequest", () => {
  pending -= 1;
  const [[next, seq] = []] = waiting;
  if (!pending && next) {
    waiting.delete(next);
    refresh(next, seq);
  }
});

// Does nothing if the element's `data-seq` is `seq` or later.
export function refresh(selector, seq = Infinity) {
  if (pending) waiting.set(selector, seq);
  else if (document.querySelector(selector).dataset.seq >= seq) return;
  else htmx.ajax("GET", location.pathname, { target: selector, select: selector, swap: "outerHTML" });
}
