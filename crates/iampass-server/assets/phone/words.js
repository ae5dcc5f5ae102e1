// Times and lists in words.

const LOCALE = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });
const list = new Intl.ListFormat(LOCALE, { type: "conjunction" });

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 minutes ago". */
export function ago(seconds, nowSeconds) {
  const passed = nowSeconds - seconds;
  for (const [unit, length] of UNITS) {
    if (passed >= length) return relative.format(-Math.floor(passed / length), unit);
  }
  return "just now";
}

/** The exact moment, as this browser's user writes it. */
export function exactly(seconds) {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** "Ann, Bob, and Carol". */
export function all(names) {
  return list.format(new Set(names));
}
