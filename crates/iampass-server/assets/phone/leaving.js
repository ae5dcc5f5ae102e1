// Says of sessions that this phone is near the place where they were accepted, or away from it. Only near or away is sent.
//
// It does so while this page is open and the person has switched it on. A page that is closed, or asleep, says nothing more, and the service
// takes the phone for away when the last promise has passed.
//
// Belongs here: when a word is said. Does not belong here: what near means (places.js), and the setting on the screen (leaving_view.js).

import { Refused } from "./api.js";
import { nowSeconds } from "./clock.js";
import { forgetAll, isExact, isNear, placeOf, remember, retain } from "./places.js";
import { settings } from "./settings.js";

const EVERY_MS = 30_000;
// Browsers let a page in the background do something once a minute.
const PROMISE_SECONDS = 120;
// Later, a position is not the place of the acceptance any more.
const ACCEPTED_WITHIN_SECONDS = 120;
// No code of a browser.
const TOO_VAGUE = 0;
const HOW = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 25_000 };

/** `usersOf()` gives the users of this phone. `onSaid(user)` is told when a session became another, `onFound(problem)` what the browser says: null or why it does not say it. */
export class Leaving {
  #usersOf;
  #onSaid;
  #onFound;
  #watch = null;
  #timer = null;
  // The last word of each session, and when it was said.
  #said = new Map();
  // The position that is to be looked at next, and whether one is looked at now: words are said one after the other.
  #next = null;
  #isLooking = false;

  constructor(usersOf, { onSaid, onFound }) {
    this.#usersOf = usersOf;
    this.#onSaid = onSaid;
    this.#onFound = onFound;
  }

  /** Whether an application of a user wants to know it. */
  get isWanted() {
    return this.#usersOf().some((user) => user.sessions.presenceUrl !== null);
  }

  /** Begins, if the person has switched it on. The browser asks the person if it has not yet. */
  start() {
    if (!settings().position || this.#watch !== null || !navigator.geolocation) return;
    this.#watch = navigator.geolocation.watchPosition((position) => this.#found(position), (error) => this.#onFound(error), HOW);
    // A phone that lies still is told nothing new by itself.
    this.#timer = setInterval(() => this.#ask(), EVERY_MS);
  }

  /** Says nothing more. */
  stop() {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    clearInterval(this.#timer);
    this.#watch = null;
    this.#next = null;
    this.#said.clear();
  }

  /** The same, and forgets the places. */
  end() {
    this.stop();
    forgetAll();
  }

  /** To be called when sessions have come or gone. */
  sessionsChanged() {
    if (this.#watch === null) return;
    const users = this.#usersOf();
    // Places are forgotten only when the sessions of all users are known.
    if (users.every((user) => user.sessions.list !== null)) {
      retain(users.flatMap((user) => user.sessions.list.map((session) => session.session_id)));
    }
    const isNew = (session) => placeOf(session.session_id) === null && isJustAccepted(session);
    const wanting = users.filter((user) => user.sessions.presenceUrl !== null);
    const accepted = wanting.flatMap((user) => (user.sessions.list ?? []).filter(isNew).map((session) => [user, session]));
    // The phone is where it has accepted. Where no position follows, this promise passes, and the session is locked.
    for (const [user, session] of accepted) {
      if (!this.#said.has(session.session_id)) this.#word(user, session, "near");
    }
    if (accepted.length > 0) this.#ask();
  }

  #ask() {
    navigator.geolocation.getCurrentPosition((position) => this.#found(position), (error) => this.#onFound(error), HOW);
  }

  async #found({ coords }) {
    if (this.#watch === null) return;
    if (!isExact(coords)) return this.#onFound({ code: TOO_VAGUE });
    this.#onFound(null);
    this.#next = coords;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#next !== null) {
        const here = this.#next;
        this.#next = null;
        await this.#look(here);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(here) {
    for (const user of this.#usersOf()) {
      for (const session of user.sessions.list ?? []) {
        if (this.#watch === null) return;
        if (user.sessions.presenceUrl !== null) await this.#say(user, session, here);
      }
    }
  }

  async #say(user, session, coords) {
    const id = session.session_id;
    if (placeOf(id) === null && isJustAccepted(session)) remember(id, coords);
    const place = placeOf(id);
    // It was accepted before this was switched on: nothing is known of it.
    if (place === null) return;
    await this.#word(user, session, isNear(place, coords) ? "near" : "away");
  }

  async #word(user, session, word) {
    const id = session.session_id;
    const last = this.#said.get(id);
    const isSame = last?.word === word;
    // The same word is said once within the time between two, whatever the browser tells.
    if (isSame && Date.now() - last.at < EVERY_MS - 1000) return;
    this.#said.set(id, { word, at: Date.now() });
    try {
      if (!(await user.sessions.say(word, PROMISE_SECONDS, session))) {
        // A later word was there before it. The next position tells which holds.
        this.#said.delete(id);
        return;
      }
    } catch (error) {
      // It is said again with the next position. A session that the user has locked by hand stays so.
      this.#said.delete(id);
      if (!(error instanceof Refused)) console.warn("not said", error);
      return;
    }
    if (!isSame) this.#onSaid(user);
  }
}

function isJustAccepted(session) {
  return nowSeconds() - session.started_at <= ACCEPTED_WITHIN_SECONDS;
}
