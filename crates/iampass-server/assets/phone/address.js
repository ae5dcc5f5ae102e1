// Which addresses belong to the service that served this page.
//
// A phone calls the addresses that it is given. This one calls them only if they are of its own origin: a record that was
// tampered with must not make it send signatures elsewhere.

/** Where the service's pages begin. The scripts lie two levels below, also behind a path prefix. */
const ROOT = new URL("../../", import.meta.url);

/** The page without a link in its address. */
export const PHONE_PAGE = new URL("phone", ROOT).href;

/** What tells services at one origin apart. */
export const ROOT_PATH = ROOT.pathname;

/** The service's name for a person. */
export const SERVICE_HOST = ROOT.host;

/** How every registration link of this service begins. */
export const LINK_START = new URL("r/", ROOT).href;

/** The address as it will be fetched (and must be signed), or null if it is not one of this service. */
export function ownAddress(text) {
  const url = parse(text);
  if (!url || url.origin !== ROOT.origin || url.username || url.password || url.hash) return null;
  return url.href;
}

/** The registration link that `text` is, or null. */
export function registrationLink(text) {
  const own = ownAddress(text.trim());
  if (!own || !own.startsWith(LINK_START)) return null;
  const code = own.slice(LINK_START.length);
  return /^[\w-]+$/.test(code) ? own : null;
}

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
