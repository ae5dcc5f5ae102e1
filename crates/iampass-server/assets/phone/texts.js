// The texts of the page, in its language. The service renders the page in that language, and gives what the scripts say with it as data.

const TEXTS = JSON.parse(document.getElementById("texts").textContent);

/** The page's language, as a tag. */
export const LANGUAGE = document.documentElement.lang;

const plurals = new Intl.PluralRules(LANGUAGE);

/**
 * The text of this name. `values` are put in place of its variables. `count` is the number that the form of a text depends on.
 *
 * A value is text and never markup: it goes into the document by `setText`.
 */
export function text(id, values = {}) {
  const found = TEXTS[id];
  const form = typeof found === "object" ? (found[plurals.select(values.count)] ?? found.other) : found;
  // Each variable is replaced once: a value that looks like a variable stays as it is.
  return form.replace(/\{([a-z]+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** The title of the browser's tab. */
export function tabTitle(id, values) {
  return text("tab-title", { page: text(id, values) });
}
