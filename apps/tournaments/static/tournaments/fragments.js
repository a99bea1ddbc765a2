// Parts of a page that the server draws, fetched again when something has happened: soon, but not
// by all pages in the same moment, and not once for each event of a burst.

import { localize } from "../web/times.js";

const FIRST_MS = 150;
const SPREAD_MS = 700;
const REST_MS = 1500;
const RETRY_MS = 5000;
const TRIES = 4;

export class Parts {
  // Each `[data-part=NAME]` of the page is given the content of the one that comes under that name.
  constructor({ url, onDrawn }) {
    Object.assign(this, { url, onDrawn, wanted: 0, drawnAt: 0, tries: 0, after: new Set() });
  }

  // The page is to be as of `seq` or later.
  outdated(seq) {
    this.wanted = Math.max(this.wanted, seq);
    this.schedule(Math.max(FIRST_MS, this.drawnAt + REST_MS - Date.now()));
  }

  // Once, when the parts are drawn again.
  afterwards(step) {
    this.after.add(step);
  }

  schedule(wait) {
    if (!this.timer) this.timer = setTimeout(() => this.draw(), wait + Math.random() * SPREAD_MS);
  }

  async draw() {
    const drawn = await this.fetch();
    this.timer = null;
    this.drawnAt = Date.now();
    if (!drawn) return this.schedule(RETRY_MS);
    const late = Number(drawn.querySelector("[data-seq]").dataset.seq) < this.wanted;
    // What is older than what the page shows already would take that back: better ask again.
    if (late && ++this.tries < TRIES) return this.schedule(FIRST_MS);
    this.tries = 0;
    drawn.querySelectorAll("[data-part]").forEach((part) => this.replace(part));
    this.onDrawn();
    for (const step of this.after) step();
    this.after.clear();
    if (late) this.schedule(REST_MS);
  }

  // Nothing where the network is away, or the server: both come back.
  async fetch() {
    try {
      const answer = await fetch(this.url, { cache: "no-store" });
      return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    } catch {
      return null;
    }
  }

  replace(drawn) {
    localize(drawn);
    const shown = document.querySelector(`[data-part="${drawn.dataset.part}"]`);
    if (!shown || shown.innerHTML === drawn.innerHTML) return;
    const kept = keep(shown);
    shown.replaceChildren(...drawn.childNodes);
    kept();
  }
}

// What the reader did to a part stays: how far it is scrolled, what was unfolded or folded by hand,
// where the focus is.
function keep(part) {
  const scrolled = [...part.querySelectorAll(".scroll, .sheet")].map((box) => box.scrollLeft);
  const folds = [...part.querySelectorAll("details")].map((fold) => fold.dataset.byHand && fold.open);
  const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
  return () => {
    part.querySelectorAll(".scroll, .sheet").forEach((box, at) => { box.scrollLeft = scrolled[at] ?? 0; });
    part.querySelectorAll("details").forEach((fold, at) => keepFold(fold, folds[at]));
    if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
}

function keepFold(fold, open) {
  if (open === undefined) return;
  fold.open = open;
  fold.dataset.byHand = "true";
}

document.addEventListener("click", ({ target }) => {
  const fold = target.closest("summary")?.parentElement;
  if (fold) fold.dataset.byHand = "true";
});
