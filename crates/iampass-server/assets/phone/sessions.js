// The sessions that this phone opened and that have not ended, by record.

import { Refused, call } from "./api.js";
import { untilOver } from "./clock.js";
import { signerOf } from "./records.js";
import { changeBody, presenceBody } from "./statements.js";

/** What is known of one record's sessions. Null until the service has told. */
export class Sessions {
  list = null;
  /** Where this phone says that it is near or away. Null where the application does not want to know it. */
  presenceUrl = null;
  #record;
  #asked = 0;
  // The second in which `away` was said last.
  #awayAt = 0;

  constructor(record) {
    this.#record = record;
  }

  get active() {
    return (this.list ?? []).filter((session) => session.session_status === "active");
  }

  get away() {
    return (this.list ?? []).filter((session) => session.session_status === "walkaway");
  }

  /** Asks the service. An answer that was overtaken by a later one is dropped. */
  async refresh() {
    this.#asked += 1;
    const asked = this.#asked;
    const address = this.#record.service.service_urls.active_sessions;
    const { sessions, presence_url } = await call("GET", address, signerOf(this.#record));
    if (asked !== this.#asked || !Array.isArray(sessions)) return;
    this.list = sessions;
    this.presenceUrl = typeof presence_url === "string" ? presence_url : null;
  }

  /**
   * Says of a session that this phone is `near`, for so many seconds, or `away`. Gives whether it counts: a word that was signed later may have
   * come before it.
   */
  async say(word, seconds, session) {
    // Between two words of one second, `away` counts.
    if (word === "near") await untilOver(this.#awayAt);
    const members = { presence: word, ...(word === "near" && { seconds }), session_id: session.session_id };
    const body = (sent) => {
      if (word === "away") this.#awayAt = sent.seconds;
      return presenceBody(this.#record, sent, members);
    };
    const { overtaken } = await call("POST", this.presenceUrl, signerOf(this.#record), { body });
    return !overtaken;
  }

  /** Ends one. */
  logOut(session) {
    return this.#change([session], "logout");
  }

  /** The phone leaves all its active sessions. */
  walkAway() {
    return this.#change(this.active, "walkaway");
  }

  /** The phone is back. */
  comeBack() {
    return this.#change(this.away, "return");
  }

  // Ends when all have been tried, with what went wrong first. One that has ended by itself is as good as changed.
  async #change(sessions, change) {
    const post = (session) => {
      const body = (sent) => changeBody(this.#record, sent, change, { session_id: session.session_id });
      return call("POST", session[`${change}_url`], signerOf(this.#record), { body });
    };
    const outcomes = await Promise.allSettled(sessions.map(post));
    const errors = outcomes.filter((outcome) => outcome.status === "rejected").map((outcome) => outcome.reason);
    const isEnded = (error) => error instanceof Refused && error.reason === "UNKNOWN_SESSION";
    const serious = errors.find((error) => !isEnded(error));
    if (serious) throw serious;
  }
}
