// Times as of the visitor's time zone, which is said. Without this they are in UTC.

const DAY = { day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const STYLES = { // `moment` writes all of them but the last
  full: { ...DAY, year: "numeric", ...CLOCK },
  short: { ...DAY, ...CLOCK },
  clock: CLOCK,
  day: { ...DAY, year: "numeric" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

export const inWords = (at, style) => new Intl.DateTimeFormat("en-GB", STYLES[style]).format(at);

// In all that is below `root`; what is written so already stays.
export function localize(root) {
  for (const time of root.querySelectorAll("time[data-style]")) {
    time.title ||= time.textContent;
    time.textContent = inWords(new Date(time.dateTime), time.dataset.style);
  }
}

document.body.addEventListener("htmx:afterSwap", () => localize(document));
localize(document);
