// The one line that says what has just happened. It stays until something else happens.

import { byId, setText, show } from "./dom.js";

// How long a person has for the news.
const READ_MS = 5000;

/** The notice that is shown, if there is one. */
export class Notice {
  #said = null;
  // News that nobody has had the time to read: nothing else takes their place.
  #news = null;

  /** Says something. Tones are "good", "plain" and "problem". */
  say(tone, title, text = "") {
    this.#said = { tone, title, text, at: performance.now() };
    this.#forgetReadNews();
    this.#render();
  }

  /** Says news that must not be lost: they stay until a person has had the time to read them, and what is said meanwhile stands behind them. */
  addNews(title, text) {
    const { title: first = title, text: before = "" } = this.#news ?? {};
    const added = title === first ? text : `${title}: ${text}`;
    this.#news = { title: first, text: [before, added].filter(Boolean).join(" "), shownAt: null };
    this.#render();
  }

  /** Whether a person has had the time to read the news. To be asked again and again while they are there. */
  areNewsRead() {
    if (document.hidden) return false;
    if (this.#news === null) return true;
    if (!canBeRead(byId("notice-text"))) {
      this.#news.shownAt = null;
      return false;
    }
    this.#news.shownAt ??= performance.now();
    return performance.now() - this.#news.shownAt > READ_MS;
  }

  /** Says nothing, but for news that were not read. */
  clear() {
    this.#said = null;
    this.#forgetReadNews();
    this.#render();
  }

  /** Says nothing at all. */
  reset() {
    this.#news = null;
    this.clear();
  }

  /** Whether all that is said has been said for this long. */
  isOlderThan(milliseconds) {
    const since = [this.#said?.at, this.#news?.shownAt].filter((at) => typeof at === "number");
    return since.length > 0 && performance.now() - Math.max(...since) > milliseconds;
  }

  /** Leads the person to it. */
  focus() {
    byId("notice").focus();
  }

  #forgetReadNews() {
    const shownAt = this.#news?.shownAt ?? null;
    if (shownAt !== null && performance.now() - shownAt > READ_MS) this.#news = null;
  }

  #render() {
    const said = [this.#said?.title, this.#said?.text].filter(Boolean).join(". ");
    const { tone = "plain", title = "", text = "" } = this.#news
      ? { tone: "problem", title: this.#news.title, text: [this.#news.text, said].filter(Boolean).join(" ") }
      : this.#said ?? {};
    show(byId("notice"), title !== "");
    byId("notice").dataset.tone = tone;
    setText(byId("notice-title"), title);
    setText(byId("notice-text"), text);
  }
}

// Beside a request there is only the title, and a dialog lies above all.
function canBeRead(node) {
  const { top, bottom, height } = node.getBoundingClientRect();
  const isInView = height > 0 && top < innerHeight && bottom > 0;
  return isInView && document.querySelector("dialog[open]") === null;
}
