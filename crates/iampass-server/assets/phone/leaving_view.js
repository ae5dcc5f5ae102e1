// The setting by which sessions are locked when the person leaves the place: the box, and what it says.

import { byId, setText, show } from "./dom.js";
import { Leaving } from "./leaving.js";
import { set, settings } from "./settings.js";

const OFF = "Switch it on before you sign in: this phone remembers where you accept, and tells the service only whether it is near that place. Sessions that it has followed are locked within two minutes after it is switched off.";
const ON = "This phone remembers where you accept a sign-in, and says whether it is near there: within 100 m, and as much farther as its position is vague. The place stays on this phone.";
const LIMITS = " Keep this page open, and the screen on: a closed or sleeping page says nothing, and the session is locked after two minutes.";
const DENIED = "This page may not know where you are. Allow it in the browser's settings for this address, and switch it on again.";
const UNKNOWN = "This phone does not find out where it is just now. Sessions are locked if that lasts.";
const MISSING = "This browser cannot say where it is.";
const PERMISSION_DENIED = 1;

/** The view. `usersOf()` gives the users of this phone; `onSaid(user)` is told when a session of one became another. */
export class LeavingView {
  #leaving;
  #isShown = false;

  constructor(usersOf, onSaid) {
    this.#leaving = new Leaving(usersOf, { onSaid, onFound: (problem) => this.#found(problem) });
    byId("set-position").addEventListener("change", () => this.#switch(byId("set-position").checked));
    this.#render(settings().position ? ON + LIMITS : OFF);
  }

  start() {
    this.#leaving.start();
  }

  stop() {
    this.#leaving.stop();
  }

  /** To be called when sessions have come or gone. */
  update() {
    this.#leaving.sessionsChanged();
    // It is offered only where an application wants to know it.
    this.#isShown ||= this.#leaving.isWanted || settings().position;
    show(byId("set-position-part"), this.#isShown);
  }

  #switch(isOn) {
    if (isOn && !navigator.geolocation) return this.#render(MISSING, true);
    set("position", isOn);
    this.#render(isOn ? ON + LIMITS : OFF);
    if (isOn) this.#leaving.start();
    else this.#leaving.end();
  }

  #found(problem) {
    if (problem === null) return this.#render(ON + LIMITS);
    if (problem.code !== PERMISSION_DENIED) return this.#render(UNKNOWN, true);
    set("position", false);
    this.#leaving.end();
    this.#render(DENIED, true);
  }

  #render(text, isProblem = false) {
    byId("set-position").checked = settings().position;
    setText(byId("set-position-text"), text);
    byId("set-position-text").dataset.tone = isProblem ? "problem" : "plain";
  }
}
