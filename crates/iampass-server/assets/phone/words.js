// Times and lists in words.

import { LANGUAGE, text } from "./texts.js";

const LOCALE = locale();
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
  return text("just-now");
}

/** The exact moment, as this browser's user writes it. */
export function exactly(seconds) {
  return new Date(seconds * 1000).toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "medium" });
}

/** "Ann, Bob, and Carol". */
export function all(names) {
  return list.format(new Set(names));
}

// The page's language as the person's own region writes it, where the browser names one. Numbers have the digits that codes have.
function locale() {
  const digits = { numberingSystem: "latn" };
  try {
    return new Intl.Locale(navigator.languages.find((tag) => tag.split("-")[0] === LANGUAGE) ?? LANGUAGE, digits);
  } catch {
    return new Intl.Locale(LANGUAGE, digits);
  }
}
