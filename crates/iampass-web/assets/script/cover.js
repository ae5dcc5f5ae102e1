// Covers a page: nothing of it can be seen, used or heard until the cover is lifted.
//
// The cover is a modal dialog, which makes all of the page inert, frames too, and lies above what is in the top layer already. The page's
// own code goes on meanwhile and may open dialogs, popovers and full screens: then the cover is opened anew, above them. It stands
// beside the body, which the page may replace.

const SVG = "http://www.w3.org/2000/svg";
const LOCK = ["M7 10.5h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2z", "M8 10.5V7.5a4 4 0 0 1 8 0v3"];

// What the page can put into the top layer by a call.
const OPENERS = [
  [window.HTMLDialogElement, "showModal"],
  [window.HTMLElement, "showPopover"],
  [window.HTMLElement, "togglePopover"],
  [window.Element, "requestFullscreen"],
];

// What came into the top layer in another way (a call of a frame's, an attribute) is noticed by this at the latest.
const LOOK_MS = 250;

class Cover {
  #lang;
  #dir;
  #host = null;
  #box;
  #heading;
  #text;
  #made = new Set();
  #focused = null;
  #titleBefore = "";
  #titleNow = "";
  #lookTimer = 0;
  #unpatch = [];
  #isRaising = false;
  #observer = new MutationObserver((changes) => this.#onChanges(changes));

  /** `lang` and `dir` are those of its texts: the page may be in another language. */
  constructor({ lang, dir }) {
    this.#lang = lang;
    this.#dir = dir;
  }

  get isThere() {
    return this.#host !== null;
  }

  /** Covers the page, or changes what a cover says. Without a title it covers and says nothing. */
  show(title, text) {
    if (!this.#host) this.#lay();
    this.#heading.textContent = title;
    this.#text.textContent = text;
    this.#box.setAttribute("aria-label", title);
    this.#box.firstElementChild.hidden = title === "";
    if (title === "" || title === this.#titleNow) return;
    if (this.#titleNow === "") this.#titleBefore = document.title;
    this.#titleNow = title;
    document.title = title;
    // This reads it out.
    this.#box.focus({ preventScroll: true });
  }

  /** Lifts the cover. All is as it was before. */
  lift() {
    if (!this.#host) return;
    const host = this.#host;
    this.#host = null;
    clearInterval(this.#lookTimer);
    this.#observer.disconnect();
    for (const undo of this.#unpatch) undo();
    this.#unpatch = [];
    for (const [name, listener] of this.#listeners) removeEventListener(name, listener, true);
    for (const element of this.#made) element.inert = false;
    this.#made.clear();
    host.remove();
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
    const root = host.attachShadow({ mode: "open" });
    dress(host, root);
    const box = document.createElement("dialog");
    box.tabIndex = -1;
    box.lang = this.#lang;
    box.dir = this.#dir;
    box.setAttribute("closedby", "none");
    box.addEventListener("cancel", (event) => event.preventDefault());
    // The key that closes dialogs closes this one in spite of that when it is pressed twice.
    box.addEventListener("close", () => this.#keepOn());
    const inner = document.createElement("div");
    this.#heading = document.createElement("h1");
    this.#text = document.createElement("p");
    inner.append(lockIcon(), this.#heading, this.#text);
    box.append(inner);
    root.append(box);
    this.#host = host;
    this.#box = box;
    for (const [type, name] of OPENERS) this.#watchCalls(type, name);
    for (const [name, listener] of this.#listeners) addEventListener(name, listener, true);
    this.#raise();
    this.#observer.observe(document, { childList: true, subtree: true, attributeFilter: ["open", "popover", "inert"] });
    this.#lookTimer = setInterval(() => this.#keepOn(), LOOK_MS);
  }

  #listeners = [
    ["fullscreenchange", () => this.#raise()],
    // Those of popovers and dialogs that are in no shadow tree. Only what has been opened is above.
    ["toggle", (event) => event.newState === "open" && event.target !== this.#host && this.#raise()],
    ["focusin", () => this.#keepFocus()],
    ["blur", () => setTimeout(() => this.#keepFocus(), 0)],
  ];

  // What the page's own code opens is opened, and the cover again above it, before anything is drawn.
  #watchCalls(type, name) {
    const prototype = type?.prototype;
    const was = prototype && Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof was?.value !== "function" || !was.configurable) return;
    const cover = this;
    const call = function (...given) {
      const result = was.value.apply(this, given);
      if (this !== cover.#box) cover.#raise();
      return result;
    };
    Object.defineProperty(prototype, name, { ...was, value: call });
    this.#unpatch.push(() => {
      // The page may have put its own in the place of it meanwhile.
      if (prototype[name] === call) Object.defineProperty(prototype, name, was);
    });
  }

  #onChanges(changes) {
    const isOpened = ({ type, target, addedNodes, attributeName }) =>
      (type === "attributes" && attributeName !== "inert" && target !== this.#host) ||
      (type === "childList" && [...addedNodes].some((node) => node !== this.#host && node.querySelector?.("dialog, [popover]")));
    if (changes.some(isOpened)) this.#raise();
    else this.#keepOn();
  }

  // The cover is there, the last that was opened, and all else is inert.
  #raise() {
    if (!this.#host || this.#isRaising) return;
    this.#isRaising = true;
    try {
      if (this.#host.parentNode !== document.documentElement) document.documentElement.append(this.#host);
      if (this.#box.showModal) {
        if (this.#box.open) this.#box.close();
        this.#box.showModal();
      } else {
        this.#box.setAttribute("open", "");
      }
      this.#makeInert();
      this.#keepFocus();
    } finally {
      this.#isRaising = false;
    }
  }

  #keepOn() {
    if (!this.#host) return;
    if (this.#host.parentNode !== document.documentElement || !this.#box.open || this.#isBelow()) this.#raise();
    this.#makeInert();
    this.#keepFocus();
  }

  // Another modal dialog would make the cover inert, so that nothing of it is hit.
  #isBelow() {
    const hit = document.hidden ? null : document.elementFromPoint(1, 1);
    return hit !== null && hit !== this.#host;
  }

  // A modal dialog does that by itself, but not to a modal dialog that is opened after it, nor in browsers that know none.
  #makeInert() {
    for (const element of [document.body, ...document.querySelectorAll("dialog[open], [popover]")]) {
      if (!element || element.inert) continue;
      element.inert = true;
      this.#made.add(element);
    }
  }

  // Focus that a script moves, in a frame too, comes back.
  #keepFocus() {
    if (!this.#host || document.activeElement === this.#host) return;
    this.#box.focus({ preventScroll: true });
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
