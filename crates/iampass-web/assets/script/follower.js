// Follows what the server tells: by a stream of events, and by asking again and again where streams are cut off.
//
// A browser keeps about six connections to a host, for all tabs together, and a stream takes one. So a tab that nobody sees gives
// its stream up after a while, and asks now and then.

const OPEN_WITHIN_MS = 4000;
const BREAKS_ALLOWED = 2;
// A stream that has lasted so long was none that is cut off.
const STEADY_MS = 30_000;
const STREAM_AGAIN_MS = 60_000;
const HIDDEN_MS = 10_000;
const ANSWER_WITHIN_MS = 8000;

/**
 * `events` and `state` are addresses; `names` are the events to listen to; `read` makes a name of a state, or null; `askMs` is how often
 * it is asked. `onWord` is told each name (and the event's data), `onContact` whether the server can be reached.
 */
class Follower {
  #source;
  #stream = null;
  #isAsking = false;
  #asked = 0;
  #breaks = 0;
  #openedAt = 0;
  #streamTimer = 0;
  #askTimer = 0;
  #hiddenTimer = 0;

  constructor(source) {
    this.#source = source;
  }

  start() {
    this.stop();
    document.addEventListener("visibilitychange", this.#onVisibility);
    if (document.hidden) this.#hiddenTimer = setTimeout(() => this.#rest(), HIDDEN_MS);
    this.#openStream();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    clearTimeout(this.#hiddenTimer);
    this.#breaks = 0;
    this.#closeStream();
    this.#stopAsking();
  }

  /** Asks now, whatever else goes on. */
  async askNow() {
    clearTimeout(this.#askTimer);
    this.#asked += 1;
    const asked = this.#asked;
    const state = await this.#state();
    // An answer that was overtaken, by a later one or by an event, is old.
    if (asked !== this.#asked) return;
    if (this.#isAsking) this.#askTimer = setTimeout(() => this.askNow(), this.#source.askMs);
    this.#source.onContact(state !== null);
    const word = state && this.#source.read(state);
    if (word) this.#source.onWord(word, "");
  }

  async #state() {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), ANSWER_WITHIN_MS);
    try {
      const headers = { accept: "application/json" };
      const answer = await fetch(this.#source.state, { headers, cache: "no-store", redirect: "error", signal: giveUp.signal });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  #onVisibility = () => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => this.#rest(), HIDDEN_MS);
      return;
    }
    this.askNow();
    if (this.#stream === null) {
      this.#breaks = 0;
      this.#openStream();
    }
  };

  #rest() {
    this.#closeStream();
    this.#startAsking();
  }

  #openStream() {
    this.#closeStream();
    if (!window.EventSource) {
      this.#startAsking();
      return;
    }
    const stream = new EventSource(this.#source.events);
    this.#stream = stream;
    this.#openedAt = 0;
    this.#streamTimer = setTimeout(() => this.#giveUpStream(), OPEN_WITHIN_MS);
    stream.onopen = () => {
      clearTimeout(this.#streamTimer);
      this.#openedAt = Date.now();
      this.#stopAsking();
      this.#source.onContact(true);
    };
    stream.onerror = () => this.#onBreak();
    for (const name of this.#source.names) {
      stream.addEventListener(name, (event) => {
        this.#asked += 1;
        this.#source.onWord(name, event.data);
      });
    }
  }

  #onBreak() {
    if (this.#openedAt && Date.now() - this.#openedAt >= STEADY_MS) this.#breaks = 0;
    this.#breaks += 1;
    if (this.#breaks >= BREAKS_ALLOWED) {
      this.#giveUpStream();
      return;
    }
    this.#closeStream();
    // Not all at once when a server comes back.
    this.#streamTimer = setTimeout(() => this.#openStream(), 300 + Math.random() * 900);
  }

  #giveUpStream() {
    this.#closeStream();
    this.#startAsking();
    this.#streamTimer = setTimeout(() => {
      if (!document.hidden) this.#openStream();
    }, STREAM_AGAIN_MS);
  }

  #closeStream() {
    clearTimeout(this.#streamTimer);
    this.#stream?.close();
    this.#stream = null;
  }

  #startAsking() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.askNow();
  }

  #stopAsking() {
    this.#isAsking = false;
    this.#asked += 1;
    clearTimeout(this.#askTimer);
  }
}
