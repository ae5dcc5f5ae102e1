// Covers a page: nothing of it can be seen, used or heard until the cover is lifted.

const SVG = "http://www.w3.org/2000/svg";
const LOCK = ["M7 10.5h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2z", "M8 10.5V7.5a4 4 0 0 1 8 0v3"];

class Cover {
  #host = null;
  #heading;
  #text;
  #made = new Set();
  #focused = null;
  #titleBefore = "";
  #titleNow = "";
  #observer = new MutationObserver(() => this.#makeInert());

  get isThere() {
    return this.#host !== null;
  }

  /** Covers the page, or changes what a cover says. Without a title it covers and says nothing. */
  show(title, text) {
    if (!this.#host) this.#lay();
    this.#heading.textContent = title;
    this.#text.textContent = text;
    this.#host.setAttribute("aria-label", title);
    this.#host.shadowRoot.firstElementChild.hidden = title === "";
    if (title === "" || title === this.#titleNow) return;
    if (this.#titleNow === "") this.#titleBefore = document.title;
    this.#titleNow = title;
    document.title = title;
    // Whoever hears the page is told by this.
    this.#host.focus({ preventScroll: true });
  }

  /** Lifts the cover. All is as it was before. */
  lift() {
    if (!this.#host) return;
    this.#observer.disconnect();
    for (const element of this.#made) element.inert = false;
    this.#made.clear();
    this.#host.remove();
    this.#host = null;
    // The page may have changed its title meanwhile.
    if (this.#titleNow !== "" && document.title === this.#titleNow) document.title = this.#titleBefore;
    this.#titleNow = "";
    if (this.#focused?.isConnected) this.#focused.focus({ preventScroll: true });
    this.#focused = null;
  }

  #lay() {
    const active = document.activeElement;
    this.#focused = active === document.body ? null : active;
    const host = document.createElement("iampass-cover");
    host.tabIndex = -1;
    host.setAttribute("role", "dialog");
    host.setAttribute("aria-modal", "true");
    const root = host.attachShadow({ mode: "open" });
    dress(host, root);
    const box = document.createElement("div");
    this.#heading = document.createElement("h1");
    this.#text = document.createElement("p");
    box.append(lockIcon(), this.#heading, this.#text);
    root.append(box);
    document.body.append(host);
    this.#host = host;
    // The page's own dialogs are above all that is not in the top layer.
    if (host.showPopover) {
      host.popover = "manual";
      host.showPopover();
    }
    this.#makeInert();
    this.#observer.observe(document.body, { childList: true });
  }

  // Also what the page adds meanwhile. A modal dialog is not made inert by what it stands in.
  #makeInert() {
    for (const element of [...document.body.children, ...document.querySelectorAll("dialog[open]")]) {
      if (element === this.#host || element.inert) continue;
      element.inert = true;
      this.#made.add(element);
    }
  }
}

// A policy that forbids styles in the page does not forbid these.
function dress(host, root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(TOKENS.replaceAll(":root", ":host") + COVER_STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // An older browser: plain, but it covers.
    Object.assign(host.style, { position: "fixed", inset: "0", zIndex: "2147483647", background: "Canvas", color: "CanvasText" });
  }
}

function lockIcon() {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  for (const line of LOCK) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    icon.append(path);
  }
  return icon;
}
