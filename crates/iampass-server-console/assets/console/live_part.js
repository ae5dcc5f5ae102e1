// A part of a page that changes by itself. The service says when; the page is asked for anew, as by loading it.
//
// The windows of a browser that show the same page share one stream of events (`SharedStream`). A page that is not seen has none: a browser
// keeps about six connections to a host over HTTP/1.1. It is asked for anew when it is seen again.

// The service shows a sign of life every 15 s.
const QUIET_MS = 35_000;
// A stream that the browser has given up is tried again then, and later and later.
const AGAIN_MS = { first: 15_000, most: 600_000 };
// Words of other windows have the page asked for no more often than this.
const RENEW_APART_MS = 1000;
const NAMES = ["alive", "changed", "registered"];

class LivePart {
  #part;
  #stream = null;
  #isLoading = false;
  #isAgain = false;
  #renewedAt = 0;
  #silenceTimer = 0;
  #againTimer = 0;
  #againMs = AGAIN_MS.first;
  #soonTimer = 0;

  constructor(part) {
    this.#part = part;
  }

  start() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#rest();
      else this.#goOn();
    });
    addEventListener("pagehide", () => this.#rest());
    addEventListener("pageshow", (event) => event.persisted && !document.hidden && this.#goOn());
    if (!document.hidden) this.#open();
  }

  #goOn() {
    this.#renew();
    this.#open();
  }

  #rest() {
    for (const timer of [this.#silenceTimer, this.#againTimer, this.#soonTimer]) clearTimeout(timer);
    this.#soonTimer = 0;
    this.#stream?.close();
    this.#stream = null;
  }

  #open() {
    this.#rest();
    const source = { name: this.#name, address: () => this.#part.dataset.events, names: NAMES };
    this.#stream = new SharedStream(source, {
      state: () => ({ stamp: this.#stamp }),
      learn: () => {
        this.#againMs = AGAIN_MS.first;
        this.#live();
      },
      onEvent: (name) => name !== "alive" && this.#onChange(name),
      onPassed: (name, _data, state) => this.#onPassed(name, state),
      onBreak: (isOver) => isOver && this.#tryLater(),
      onLead: () => {},
      onAlone: () => {},
    });
    this.#live();
  }

  // The address; where the page is asked for anew, without the stamp of what it shows already.
  get #name() {
    const address = new URL(this.#part.dataset.events, location.href);
    if (this.#isLive) address.searchParams.delete("stamp");
    return address.pathname + address.search;
  }

  get #isLive() {
    return this.#part.classList.contains("live");
  }

  get #stamp() {
    return new URL(this.#part.dataset.events, location.href).searchParams.get("stamp");
  }

  // Whatever another window says, only the service can change what is shown.
  #onPassed(name, state) {
    this.#live();
    if (name === "registered") this.#onChange(name);
    else if (name === "changed" || state.stamp !== this.#stamp) this.#renewSoon();
  }

  #live() {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#renew();
      this.#stream?.wake();
      this.#live();
    }, QUIET_MS);
  }

  // Not all windows at once when a service comes back.
  #tryLater() {
    this.#rest();
    this.#againTimer = setTimeout(() => this.#goOn(), this.#againMs * (1 + Math.random()));
    this.#againMs = Math.min(this.#againMs * 2, AGAIN_MS.most);
  }

  #onChange(name) {
    if (this.#isLive) this.#renewSoon();
    else if (name === "registered" && this.#part.dataset.then) location.assign(this.#part.dataset.then);
  }

  #renewSoon() {
    if (this.#soonTimer !== 0) return;
    const waitMs = Math.max(0, this.#renewedAt + RENEW_APART_MS - Date.now());
    this.#soonTimer = setTimeout(() => {
      this.#soonTimer = 0;
      this.#renew();
    }, waitMs);
  }

  async #renew() {
    if (!this.#isLive) return;
    if (this.#isLoading) {
      this.#isAgain = true;
      return;
    }
    this.#isLoading = true;
    this.#renewedAt = Date.now();
    try {
      const answer = await fetch(location.href, { redirect: "error", cache: "no-store" });
      const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      const fresh = page.querySelector("[data-events]");
      if (fresh) this.#show(fresh);
    } catch {
      // Signed out, or cut off: what is shown stays, and loading the page says what it is.
    }
    this.#isLoading = false;
    if (this.#isAgain) {
      this.#isAgain = false;
      this.#renew();
    }
  }

  #show(fresh) {
    const part = this.#part;
    const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    part.replaceChildren(...fresh.childNodes);
    part.dataset.events = fresh.dataset.events;
    if (!focused) return;
    for (const link of part.querySelectorAll("a[href]")) {
      if (link.getAttribute("href") === focused) link.focus();
    }
  }
}
