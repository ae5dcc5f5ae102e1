// One stream of events for all windows of a browser that listen to the same thing.
//
// A browser keeps about six connections to a host over HTTP/1.1, for all windows together, and a stream takes one. So the window that holds
// a lock leads: it opens the stream, and passes each event on by a channel. The others follow: they listen to the channel. When the leader is
// closed, leaves its page or is frozen, the window that waits longest for the lock leads. Without locks or channels (an origin without TLS, an
// older browser) each window has a stream of its own, and `isShared` is false.
//
// Every page of the origin can write into the channel. So what is passed on is told apart from what the stream itself has said, and whoever
// listens must not let anybody see anything because of it.

const STREAM_NAME = "iampass-stream ";
// A leader answers this at once.
const HELLO = "hello";
// The answer of a leader whose stream has said nothing for a while, or nothing yet.
const HERE = "here";
// A leader that does not answer stands still. It is a frozen window, or one that the browser has suspended.
const LEADER_ANSWERS_WITHIN_MS = 1500;
// Windows that notice it at the same time do not all take the lock.
const LEAD_AFTER_MS = 1000;
// An event that is older than this is not told to windows that come later.
const STREAM_FRESH_MS = 20_000;
const STREAM_WORD_LONGEST = 200;

/**
 * `name` is the same in all windows that share the stream, `address()` is the stream's, `names` are its events. The listener has these:
 * `learn(name, data, id)` and then `onEvent(name, data)` for what the window's own stream says, which is passed on in between;
 * `onPassed(name, data, state)` for what another window has passed on, with the `state()` of the listener there; `onBreak(isOver)` when the
 * own stream breaks, and whether the browser opens it again by itself; `onLead()` when the window begins to lead; `onAlone()` when it has a
 * stream of its own that is not shared.
 */
class SharedStream {
  isShared = false;
  /** When this window's own stream was asked for. */
  openedAt = 0;
  #name;
  #address;
  #names;
  #listener;
  #stream = null;
  #channel = null;
  #queued = null;
  #letGo = null;
  #isClosed = false;
  #last = null;
  #lastAt = 0;
  #leaderTimer = 0;

  constructor({ name, address, names }, listener) {
    this.#name = STREAM_NAME + name;
    this.#address = address;
    this.#names = names;
    this.#listener = listener;
    // Its maker has to know it first.
    queueMicrotask(() => this.#isClosed || this.#join());
  }

  static get canShare() {
    return typeof navigator.locks?.request === "function" && typeof window.BroadcastChannel === "function";
  }

  get isLeading() {
    return this.#stream !== null;
  }

  close() {
    this.#isClosed = true;
    this.#endWake();
    this.#leave();
    this.#queued?.abort();
    this.#channel?.close();
    this.#channel = null;
  }

  /** Asks whether the leader is still there. Where it does not answer, and this window is seen, this one leads. */
  wake() {
    if (!this.#channel || this.isLeading || this.#leaderTimer !== 0) return;
    this.#say(HELLO, "");
    const waitMs = LEADER_ANSWERS_WITHIN_MS + Math.random() * LEAD_AFTER_MS;
    this.#leaderTimer = setTimeout(() => {
      this.#leaderTimer = 0;
      if (!document.hidden && !this.isLeading) this.#queue({ steal: true });
    }, waitMs);
  }

  #endWake() {
    clearTimeout(this.#leaderTimer);
    this.#leaderTimer = 0;
  }

  #join() {
    try {
      if (!SharedStream.canShare) throw new Error("nothing to share by");
      this.#channel = new BroadcastChannel(this.#name);
    } catch {
      this.#beAlone();
      return;
    }
    this.isShared = true;
    this.#channel.onmessage = (event) => this.#onMessage(event.data);
    this.#queue({});
    this.wake();
  }

  #queue({ steal }) {
    this.#queued?.abort();
    const queued = new AbortController();
    this.#queued = queued;
    // A lock is taken from another window at once, so there is no waiting to be given up.
    const options = steal ? { steal } : { signal: queued.signal };
    let request;
    try {
      request = navigator.locks.request(this.#name, options, () => {
        if (queued.signal.aborted) return undefined;
        this.#lead();
        return new Promise((resolve) => {
          this.#letGo = resolve;
        });
      });
    } catch (error) {
      request = Promise.reject(error);
    }
    request.catch((error) => {
      if (queued.signal.aborted) return;
      if (error.name === "AbortError") {
        // Another window has taken the lock.
        this.#leave();
        this.#queue({});
      } else {
        this.#channel?.close();
        this.#channel = null;
        this.#beAlone();
      }
    });
  }

  #lead() {
    this.#endWake();
    this.#open();
    this.#listener.onLead();
  }

  #beAlone() {
    this.isShared = false;
    this.#open();
    this.#listener.onAlone();
  }

  #leave() {
    this.#stream?.close();
    this.#stream = null;
    this.#letGo?.();
    this.#letGo = null;
  }

  #open() {
    this.openedAt = Date.now();
    const stream = new EventSource(this.#address());
    this.#stream = stream;
    this.#last = null;
    this.#lastAt = 0;
    for (const name of this.#names) {
      stream.addEventListener(name, ({ data, lastEventId }) => {
        if (this.#stream !== stream) return;
        this.#last = { name, data };
        this.#lastAt = Date.now();
        this.#listener.learn(name, data, lastEventId);
        this.#say(name, data);
        this.#listener.onEvent(name, data);
      });
    }
    stream.onerror = () => {
      if (this.#stream === stream) this.#listener.onBreak(stream.readyState === EventSource.CLOSED);
    };
  }

  #say(name, data) {
    this.#channel?.postMessage({ name, data, state: this.#listener.state() });
  }

  #onMessage(message) {
    const { name, data, state } = Object(message);
    if (this.#isClosed || typeof name !== "string" || typeof data !== "string" || data.length > STREAM_WORD_LONGEST) return;
    if (name === HELLO) {
      this.#answer();
      return;
    }
    // The leader hears the stream itself.
    if (this.isLeading) return;
    this.#endWake();
    if (this.#names.includes(name)) this.#listener.onPassed(name, data, Object(state));
  }

  #answer() {
    if (!this.isLeading) return;
    const isFresh = this.#last !== null && Date.now() - this.#lastAt < STREAM_FRESH_MS;
    if (isFresh) this.#say(this.#last.name, this.#last.data);
    else this.#say(HERE, "");
  }
}
