// Follows what the server tells: by a stream of events, and by asking again and again where streams are cut off.
//
// A proxy may take a stream's beginning and keep its events back, so a stream counts only from its first event on, and for as long as it
// shows a sign of life. Until then, and when it falls silent, the server is asked beside it.
//
// The windows of a browser share one stream (`SharedStream`). A word that another window passes on can hide something, and make this one ask
// the server. The server's own answer alone can show something. Where no stream can be shared, a window that is not seen has none: it asks
// now and then.

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
const ANSWER_WITHIN_MS = 8000;
// Words that are passed on make a window ask no more often than this.
const ASK_APART_MS = 1000;
// Words that are passed on count for so long after the server itself was heard.
const CONFIRMED_MS = 60_000;
// The sign of life.
const ALIVE = "alive";
// The server has no room for this stream.
const POLL = "poll";

/**
 * `events` and `state` are addresses; `names` are the events to listen to; `read` makes a name of a state, or null; `askMs` is how often
 * it is asked. `onWord` is told each name (and the event's data), `onContact` whether the server can be reached, and an instant at which all
 * that is said was true at the server, or 0 where that is not known.
 *
 * Of the names, `hiding` are those that hide something, and `harmless` those that neither hide nor show. They are believed when another
 * window passes them on. With `restsUnseen` a window that is not seen has no stream. With `isLogin` the states and the signs of life say
 * whose login they are about: what is about another login counts as `ended`.
 */
class Follower {
  #source;
  #stream = null;
  #isAsking = false;
  #asked = 0;
  #askedAt = 0;
  #breaks = 0;
  #firstHeardAt = 0;
  #login = "";
  #told = "";
  #said = "";
  #passed = "";
  #passedAt = 0;
  #passedLogin = "";
  #confirmedAt = 0;
  #trueAt = 0;
  #streamTimer = 0;
  #silenceTimer = 0;
  #askTimer = 0;
  #soonTimer = 0;

  constructor(source) {
    this.#source = { hiding: [], harmless: [], restsUnseen: false, isLogin: false, ...source };
  }

  start() {
    this.stop();
    document.addEventListener("visibilitychange", this.#onVisibility);
    document.addEventListener("freeze", this.#onFreeze);
    document.addEventListener("resume", this.#onResume);
    this.#follow();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    document.removeEventListener("freeze", this.#onFreeze);
    document.removeEventListener("resume", this.#onResume);
    this.#breaks = 0;
    this.#asked += 1;
    this.#closeStream();
    this.#stopAsking();
  }

  /** Asks now, whatever else goes on. */
  async askNow() {
    clearTimeout(this.#askTimer);
    clearTimeout(this.#soonTimer);
    this.#soonTimer = 0;
    this.#asked += 1;
    this.#askedAt = Date.now();
    const asked = this.#asked;
    const askedAt = this.#askedAt;
    const state = await this.#state();
    // An answer that was overtaken, by a later one or by an event, is old.
    if (asked !== this.#asked) return;
    if (this.#isAsking) this.#askTimer = setTimeout(() => this.askNow(), this.#source.askMs);
    if (state !== null) this.#confirmedAt = Date.now();
    this.#source.onContact(state !== null, askedAt);
    if (state === null) return;
    const word = this.#isOthers(state.login) ? "ended" : this.#source.read(state);
    if (this.#isPassedOn) this.#live();
    if (!word) return;
    // Another node may know less than the one that the stream is from.
    if (this.#isPassedOn && this.#isHiding(this.#passed) && !this.#isHiding(word)) return;
    if (this.#isPassedOn && this.#passed !== "" && this.#passed !== word) this.#askSoon(this.#source.askMs);
    this.#tell(word, "");
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

  // Whether another window passes on the events of the same login.
  get #isPassedOn() {
    const isFollowing = this.#stream !== null && this.#stream.isShared && !this.#stream.isLeading;
    const isSame = !this.#source.isLogin || (this.#login !== "" && this.#passedLogin === this.#login);
    return isFollowing && isSame && Date.now() - this.#passedAt < SILENT_MS;
  }

  #isHiding(word) {
    return this.#source.hiding.includes(word);
  }

  // Whether what the server says is of another login than the one that this page was made for, which is the first that it says.
  #isOthers(login) {
    if (!this.#source.isLogin || typeof login !== "string" || login === "") return false;
    this.#login ||= login;
    return this.#login !== login;
  }

  #tell(word, data) {
    this.#told = word;
    this.#source.onWord(word, data);
  }

  #onFreeze = () => this.#closeStream();

  #onResume = () => {
    this.askNow();
    this.#follow();
  };

  #onVisibility = () => {
    if (document.hidden) {
      if (this.#mustRest) this.#rest();
      return;
    }
    this.askNow();
    if (this.#stream === null) {
      this.#breaks = 0;
      this.#openStream();
    } else {
      this.#stream.wake();
    }
  };

  get #mustRest() {
    const isShared = this.#stream === null ? SharedStream.canShare : this.#stream.isShared;
    return document.hidden && (this.#source.restsUnseen || !isShared);
  }

  #follow() {
    if (this.#mustRest) this.#rest();
    else this.#openStream();
  }

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
    const { events, names } = this.#source;
    this.#firstHeardAt = 0;
    this.#said = "";
    this.#passed = "";
    this.#passedAt = 0;
    this.#stream = new SharedStream(
      { name: events, address: () => events, names: [ALIVE, POLL, ...names] },
      {
        state: () => ({ login: this.#login, said: this.#said, trueAt: this.#trueAt }),
        learn: (name, data) => this.#learn(name, data),
        onEvent: (name, data) => this.#onEvent(name, data),
        onPassed: (name, data, state) => this.#onPassed(name, data, state),
        onBreak: () => this.#onBreak(),
        onLead: () => this.#onLead(),
        onAlone: () => this.#mustRest && this.#rest(),
      },
    );
    this.#awaitFirst();
  }

  #onLead() {
    this.#said = "";
    this.#awaitFirst();
  }

  #awaitFirst() {
    clearTimeout(this.#streamTimer);
    clearTimeout(this.#silenceTimer);
    this.#streamTimer = setTimeout(() => this.#giveUpStream(), EVENT_WITHIN_MS);
    this.#silenceTimer = setTimeout(() => this.#askBeside(), ASK_AFTER_MS);
  }

  #askBeside() {
    this.#startAsking();
    this.#stream?.wake();
  }

  #learn(name, data) {
    if (name === ALIVE && this.#source.isLogin && data !== ALIVE) this.#login ||= data;
    // The server counts from the request on, which was sent when the stream was opened. However long the event was under way, it was true then.
    else if (name === ALIVE) this.#trueAt = this.#stream.openedAt + (Number(data) || 0);
    else if (name !== ALIVE && name !== POLL) this.#said = name;
  }

  // Its own stream says something.
  #onEvent(name, data) {
    if (name === POLL) {
      this.#giveUpStream();
      return;
    }
    this.#confirmedAt = Date.now();
    this.#live();
    const isOthers = name === ALIVE && data !== ALIVE && this.#isOthers(data);
    if (name === ALIVE && !isOthers) return;
    this.#asked += 1;
    this.#tell(isOthers ? "ended" : name, data);
  }

  // Another window says what its stream has said. Any page of this origin may have written it.
  #onPassed(name, data, state) {
    if (name === POLL) {
      this.#giveUpStream();
      return;
    }
    const word = name === ALIVE ? String(state.said) : name;
    this.#passed = word;
    this.#passedAt = Date.now();
    this.#passedLogin = state.login;
    this.#trueAt = Math.min(Number(state.trueAt) || 0, Date.now());
    if (!this.#isPassedOn) {
      this.#askSoon(0);
      return;
    }
    const isConfirmed = Date.now() - this.#confirmedAt < CONFIRMED_MS;
    if (isConfirmed) this.#live();
    const isHarmless = this.#source.harmless.includes(word);
    const isNews = name !== ALIVE || (word !== "" && word !== this.#told && !isHarmless);
    const isBelieved = isHarmless || this.#isHiding(word);
    if (isNews && isBelieved) {
      this.#asked += 1;
      this.#tell(word, data);
    }
    if (!isConfirmed || (isNews && !isBelieved)) this.#askSoon(0);
  }

  #askSoon(afterMs) {
    if (this.#soonTimer !== 0) return;
    const waitMs = Math.max(afterMs, this.#askedAt + ASK_APART_MS - Date.now());
    this.#soonTimer = setTimeout(() => this.askNow(), Math.max(0, waitMs));
  }

  // Events come through.
  #live() {
    if (!this.#stream) return;
    clearTimeout(this.#streamTimer);
    clearTimeout(this.#silenceTimer);
    this.#firstHeardAt ||= Date.now();
    this.#stopAsking();
    this.#silenceTimer = setTimeout(() => this.#onSilence(), SILENT_MS);
    this.#source.onContact(true, this.#trueAt);
  }

  // It may go on later, but is not waited for.
  #onSilence() {
    this.#askBeside();
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
      if (!this.#mustRest) this.#openStream();
    }, STREAM_AGAIN_MS);
  }

  #closeStream() {
    clearTimeout(this.#streamTimer);
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#soonTimer);
    this.#soonTimer = 0;
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
    clearTimeout(this.#askTimer);
  }
}
