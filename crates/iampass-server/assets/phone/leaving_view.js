// The setting by which sessions are locked when the person leaves the place: the box, and what it says.

import { byId, setText, show } from "./dom.js";
import { Leaving } from "./leaving.js";
import { set, settings } from "./settings.js";
import { text } from "./texts.js";

const PERMISSION_DENIED = 1;

/** The view. `usersOf()` gives the users of this phone; `onSaid(user)` is told when a session of one became another. */
export class LeavingView {
  #leaving;
  #isShown = false;

  constructor(usersOf, onSaid) {
    this.#leaving = new Leaving(usersOf, { onSaid, onFound: (problem) => this.#found(problem) });
    byId("set-position").addEventListener("change", () => this.#switch(byId("set-position").checked));
    this.#render(text(settings().position ? "position-on" : "position-off"));
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
    if (isOn && !navigator.geolocation) return this.#render(text("position-missing"), true);
    set("position", isOn);
    this.#render(text(isOn ? "position-on" : "position-off"));
    if (isOn) this.#leaving.start();
    else this.#leaving.end();
  }

  #found(problem) {
    if (problem === null) return this.#render(text("position-on"));
    if (problem.code !== PERMISSION_DENIED) return this.#render(text("position-unknown"), true);
    set("position", false);
    this.#leaving.end();
    this.#render(text("position-denied"), true);
  }

  #render(said, isProblem = false) {
    byId("set-position").checked = settings().position;
    setText(byId("set-position-text"), said);
    byId("set-position-text").dataset.tone = isProblem ? "problem" : "plain";
  }
}
