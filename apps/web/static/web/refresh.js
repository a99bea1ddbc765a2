// Draws an element of this page anew as the server has it now. Never while a request of the page is
// on its way: its answer would find its place gone, and with it what it has to say.

let underway = 0;
const waiting = new Map();

document.body.addEventListener("htmx:beforeRequest", () => { underway += 1; });
document.body.addEventListener("htmx:afterRequest", () => {
  underway -= 1;
  const [[next, seq] = []] = waiting;
  if (!underway && next) {
    waiting.delete(next);
    redraw(next, seq);
  }
});

// Nothing is to be done where the element is as of `seq`, by its `data-seq`, or later.
export function redraw(selector, seq = Infinity) {
  if (underway) waiting.set(selector, seq);
  else if (document.querySelector(selector).dataset.seq >= seq) return;
  else htmx.ajax("GET", location.pathname, { target: selector, select: selector, swap: "outerHTML" });
}
