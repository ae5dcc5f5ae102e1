// Says on the first page after a login who is signed in.

const SIGNED_IN = "iampass-signed-in";
const NOTICE_MS = 8000;
// A login that led nowhere leaves its mark behind.
const MARK_MS = 60_000;
const NOTICE_STYLE = `
  :host { all: initial !important; position: fixed !important; inset: auto 0 0 !important; z-index: 2147483646 !important;
    display: block !important; pointer-events: none !important; color-scheme: light dark !important; }
  p { width: fit-content; max-width: calc(100% - 2rem); box-sizing: border-box; margin: 0 auto 1rem; padding: 0.75rem 1rem;
    overflow-wrap: anywhere; border-radius: var(--radius); font: max(16px, 1rem) / 1.5 var(--font);
    color: var(--on-accent-quiet); background: var(--accent-quiet); box-shadow: var(--shadow); }
`;

// The page that has waited for the phone goes on to where the login leads.
function markSignedIn() {
  try {
    sessionStorage.setItem(SIGNED_IN, String(Date.now()));
  } catch {
    // Then the page's own words have to say it.
  }
}

function saySignedIn(text, { lang, dir }) {
  if (!text) return;
  try {
    const at = Number(sessionStorage.getItem(SIGNED_IN));
    sessionStorage.removeItem(SIGNED_IN);
    if (!at || Math.abs(Date.now() - at) > MARK_MS) return;
    const host = document.createElement("iampass-notice");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(TOKENS.replaceAll(":root", ":host") + NOTICE_STYLE);
    root.adoptedStyleSheets = [sheet];
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    Object.assign(said, { lang, dir });
    root.append(said);
    document.body.append(host);
    // A region that is there already is read out when it changes.
    setTimeout(() => {
      said.textContent = text;
    }, 100);
    setTimeout(() => host.remove(), NOTICE_MS);
  } catch {
    // An older browser.
  }
}
