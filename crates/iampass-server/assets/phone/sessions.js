// The sessions that this phone opened and that have not ended, by record.

import { Refused, call } from "./api.js";
import { signerOf } from "./records.js";

/** What is known of one record's sessions. Null until the service has told. */
export class Sessions {
  list = null;
  #record;
  #asked = 0;

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
    const { sessions } = await call("GET", address, signerOf(this.#record));
    if (asked === this.#asked && Array.isArray(sessions)) this.list = sessions;
  }

  /** Ends one. */
  logOut(session) {
    return this.#change([session], "logout_url");
  }

  /** The phone leaves all its active sessions. */
  walkAway() {
    return this.#change(this.active, "walkaway_url");
  }

  /** The phone is back. */
  comeBack() {
    return this.#change(this.away, "return_url");
  }

  // Ends when all have been tried, with what went wrong first. One that has ended by itself is as good as changed.
  async #change(sessions, addressName) {
    const post = (session) => call("POST", session[addressName], signerOf(this.#record), { body: {} });
    const outcomes = await Promise.allSettled(sessions.map(post));
    const errors = outcomes.filter((outcome) => outcome.status === "rejected").map((outcome) => outcome.reason);
    const isEnded = (error) => error instanceof Refused && error.reason === "UNKNOWN_SESSION";
    const serious = errors.find((error) => !isEnded(error));
    if (serious) throw serious;
  }
}
