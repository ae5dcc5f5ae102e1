// The settings of the phone on the screen: notifications while the page is closed, sound and vibration.

import { Refused, Unreachable } from "./api.js";
import { byId, setText, show } from "./dom.js";
import { set, settings } from "./settings.js";
import { NotSubscribed, canSubscribe, isSubscribed, prepareWorker, subscribe, unsubscribe } from "./subscribing.js";
import { text } from "./texts.js";
import { refusalInWords } from "./why.js";

const OFF = text("pushes-off");
const DENIED = text("pushes-denied");
const ON = text("pushes-on");

/** The view. `recordsOf()` gives the records of all users. */
export class SettingsView {
  #recordsOf;
  // How often the person has chosen.
  #choices = 0;
  // Whether the browser asks the person for the permission.
  #isQuestionOpen = false;
  // Whether the setting is to be carried out, and whether that is under way.
  #isDue = false;
  #isRunning = false;

  constructor(recordsOf) {
    this.#recordsOf = recordsOf;
    for (const name of ["sound", "vibration"]) {
      const box = byId(`set-${name}`);
      box.checked = settings()[name];
      box.addEventListener("change", () => set(name, box.checked));
    }
    show(byId("set-vibration-part"), "vibrate" in navigator);
    byId("set-notifications").addEventListener("change", () => this.#switch());
    this.#render(OFF);
  }

  /** At each opening, and when there is another user: subscribes again where the service or the push service has forgotten this browser. */
  async check() {
    const worker = await prepareWorker();
    if (!canSubscribe() || !worker) return this.#render(this.#whyImpossible(), true);
    if (this.#isQuestionOpen) return;
    if (this.#recordsOf().length === 0) return this.#render(OFF);
    if (!settings().notifications) {
      this.#render(OFF);
      // The page was left, or the service could not be reached, before it was carried out that they are switched off.
      if (settings().offIsOwed || (await isSubscribed(worker).catch(() => false))) await this.#follow();
      return;
    }
    if (Notification.permission === "denied") return this.#render(DENIED, true);
    if (Notification.permission !== "granted") {
      // Browsers ask at a tap alone, and one tap is to be enough.
      set("notifications", false);
      return this.#render(text("pushes-denied-now"), true);
    }
    await this.#follow();
  }

  async #switch() {
    const isOn = byId("set-notifications").checked;
    if (isOn && !canSubscribe()) return this.#render(this.#whyImpossible(), true);
    this.#choices += 1;
    const choice = this.#choices;
    // It is kept before the browser asks: the page may be loaded again in the meantime.
    set("notifications", isOn);
    if (isOn) {
      const isAllowed = await this.#askPermission();
      // The person has chosen again in the meantime.
      if (choice !== this.#choices) return;
      if (!isAllowed) {
        set("notifications", false);
        return this.#render(DENIED, true);
      }
    } else {
      set("offIsOwed", true);
      this.#render(OFF);
    }
    await this.#follow();
  }

  // Browsers ask the person only at a tap.
  async #askPermission() {
    this.#isQuestionOpen = true;
    try {
      return (await Notification.requestPermission()) === "granted";
    } finally {
      this.#isQuestionOpen = false;
    }
  }

  // Carries out what was chosen last. One change follows the other, so that the service is told the last choice last.
  async #follow() {
    this.#isDue = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isDue) {
        this.#isDue = false;
        await (settings().notifications ? this.#subscribe() : this.#unsubscribe());
      }
    } finally {
      this.#isRunning = false;
    }
  }

  async #subscribe() {
    const records = this.#recordsOf();
    // Another tab has the turn. It is done when this one has it again.
    if (records.length === 0) return;
    this.#render(text("pushes-subscribing"));
    let said = [ON];
    try {
      await subscribe(records);
      set("offIsOwed", false);
    } catch (error) {
      said = [inWords(error), true];
    }
    if (!this.#isDue) this.#render(...said);
  }

  async #unsubscribe() {
    const records = this.#recordsOf();
    if (records.length === 0) return;
    try {
      await unsubscribe(records);
      set("offIsOwed", false);
    } catch (error) {
      console.warn("not unsubscribed", error);
    }
    if (!this.#isDue) this.#render(OFF);
  }

  // On an iPhone only an installed app can be pushed to.
  #whyImpossible() {
    const isApple = /iPhone|iPad/.test(navigator.userAgent);
    return text(isApple ? "pushes-home-screen" : "pushes-impossible");
  }

  #render(said, isProblem = false) {
    byId("set-notifications").checked = settings().notifications;
    setText(byId("set-notifications-text"), said);
    byId("set-notifications-text").dataset.tone = isProblem ? "problem" : "plain";
  }
}

function inWords(error) {
  if (error instanceof NotSubscribed) return error.message;
  if (error instanceof Refused) return refusalInWords(error);
  if (error instanceof Unreachable) return text("pushes-unreachable");
  console.warn("not subscribed", error);
  return text("pushes-failed");
}
