// Follows what the server tells: by a stream of events, and by asking again and again where streams are cut off.
//
// A proxy may take a stream's beginning and keep its events back, so a stream counts only from its first event on, and for as long as it
// shows a sign of life. Until then, and when it falls silent, the server is asked beside it.
//
// A browser keeps about six connections to a host, for all tabs together, and a stream takes one. So a tab that nobody sees gives
// its stream up after a while, and asks now and then.

// The server sends the first event at once. One that comes later than this is not waited for.
const ASK_AFTER_MS = 1500;
// A stream without an event is given up then, and another one is tried later.
const EVENT_WITHIN_MS = 12_000;
// The server shows a sign of life every 15 s.
const SILENT_MS = 20_000;
const BREAKS_ALLOWED = 2;
// A stream that has lasted so long was none that is cut off.
const STEADY_MS = 30_000;
const STREAM_AGAIN_MS = 60_000;
const HIDDEN_MS = 10_000;
const ANSWER_WITHIN_MS = 8000;
// The sign of life.
const ALIVE = "alive";

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
  #firstHeardAt = 0;
  #streamTimer = 0;
  #silenceTimer = 0;
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
    this.#firstHeardAt = 0;
    this.#streamTimer = setTimeout(() => this.#giveUpStream(), EVENT_WITHIN_MS);
    this.#silenceTimer = setTimeout(() => this.#startAsking(), ASK_AFTER_MS);
    stream.onerror = () => this.#onBreak();
    stream.addEventListener(ALIVE, () => this.#onEvent());
    // The server has no room for this stream.
    stream.addEventListener("poll", () => this.#giveUpStream());
    for (const name of this.#source.names) {
      stream.addEventListener(name, (event) => {
        this.#onEvent();
        this.#asked += 1;
        this.#source.onWord(name, event.data);
      });
    }
  }

  // Events come through.
  #onEvent() {
    if (!this.#stream) return;
    clearTimeout(this.#streamTimer);
    clearTimeout(this.#silenceTimer);
    this.#firstHeardAt ||= Date.now();
    this.#stopAsking();
    this.#silenceTimer = setTimeout(() => this.#onSilence(), SILENT_MS);
    this.#source.onContact(true);
  }

  // It may go on later, but is not waited for.
  #onSilence() {
    this.#startAsking();
    this.#streamTimer = setTimeout(() => this.#giveUpStream(), EVENT_WITHIN_MS);
  }

  #onBreak() {
    if (this.#firstHeardAt && Date.now() - this.#firstHeardAt >= STEADY_MS) this.#breaks = 0;
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
    clearTimeout(this.#silenceTimer);
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
