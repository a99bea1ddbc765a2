// Fragments of a page that the server renders. They are fetched again after an event, with a random
// delay, and not once per event of a burst.

import { localize } from "../web/times.js";

const DELAY_MS = 150;
const JITTER_MS = 700;
const INTERVAL_MS = 1500;
const RETRY_MS = 5000;
const MAX_TRIES = 4;

export class Fragments {
  // Replaces the content of each `[data-part=NAME]` with that of the same name in the response.
  constructor({ url, onRefresh }) {
    Object.assign(this, { url, onRefresh, wanted: 0, fetchedAt: 0, tries: 0, after: new Set() });
  }

  // The page must show `seq` or later.
  outdated(seq) {
    this.wanted = Math.max(this.wanted, seq);
    this.schedule(Math.max(DELAY_MS, this.fetchedAt + INTERVAL_MS - Date.now()));
  }

  // Runs `step` once, after the next refresh.
  afterwards(step) {
    this.after.add(step);
  }

  schedule(wait) {
    if (!this.timer) this.timer = setTimeout(() => this.refresh(), wait + Math.random() * JITTER_MS);
  }

  async refresh() {
    const page = await this.fetch();
    this.timer = null;
    this.fetchedAt = Date.now();
    if (!page) return this.schedule(RETRY_MS);
    const late = Number(page.querySelector("[data-seq]").dataset.seq) < this.wanted;
    // An older response would revert the page, so ask again.
    if (late && ++this.tries < MAX_TRIES) return this.schedule(DELAY_MS);
    this.tries = 0;
    page.querySelectorAll("[data-part]").forEach((part) => this.replace(part));
    this.onRefresh();
    for (const step of this.after) step();
    this.after.clear();
    if (late) this.schedule(INTERVAL_MS);
  }

  // Null while the network or the server is unavailable.
  async fetch() {
    try {
      const answer = await fetch(this.url, { cache: "no-store" });
      return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    } catch {
      return null;
    }
  }

  replace(fresh) {
    localize(fresh);
    const shown = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (!shown || shown.innerHTML === fresh.innerHTML) return;
    const restore = remember(shown);
    shown.replaceChildren(...fresh.childNodes);
    restore();
  }
}

// Keeps scroll positions, folds that the reader opened or closed, and the focus.
function remember(part) {
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
