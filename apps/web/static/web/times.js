// Converts times to the visitor's time zone. Without JavaScript they are in UTC.

const DAY = { day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
const STYLES = { // the template tag `moment` uses all but the last
  full: { ...DAY, year: "numeric", ...CLOCK },
  short: { ...DAY, ...CLOCK },
  clock: CLOCK,
  day: { ...DAY, year: "numeric" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

export const formatTime = (at, style) => new Intl.DateTimeFormat("en-GB", STYLES[style]).format(at);

// Can be called again for the same element.
export function localize(root) {
  for (const time of root.querySelectorAll("time[data-style]")) {
    time.title ||= time.textContent;
    time.textContent = formatTime(new Date(time.dateTime), time.dataset.style);
  }
}

document.body.addEventListener("htmx:afterSwap", () => localize(document));
localize(document);
