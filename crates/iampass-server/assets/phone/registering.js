// Makes this browser a user's phone, by a registration link: the one that opened the page, or one that was scanned or pasted in it.

import { Refused, register } from "./api.js";
import { publicJwk } from "./device_key.js";
import { alreadyHere, isTakenBack, phoneOfSameUser, phonesBeside, takeBack } from "./here_already.js";
import { keepWaiting, makeKeptKeyPair, removeWaiting } from "./keyed_records.js";
import { addRecord, bringAddress, isRecord, loadRecords } from "./records.js";
import { RegistrationView } from "./registration_view.js";
import { tabTitle, text } from "./texts.js";
import { CONFIRMED, GIVEN_UP, waitToBeConfirmed } from "./waiting_view.js";
import { whyNot } from "./why.js";

/** Asks, and registers. `onDone(record)` is told the end; without a record, that there is no new user. `onWaiting()` is told that another phone has to confirm. */
export class Registering {
  #onDone;
  #onWaiting;
  #link = null;
  #pair = null;
  #view = new RegistrationView({
    onRegister: () => this.#register(),
    onLater: () => this.#leave(null),
  });

  constructor(onDone, onWaiting) {
    this.#onDone = onDone;
    this.#onWaiting = onWaiting;
  }

  /** Asks whether this browser shall be the phone that the link is for. */
  async ask(link) {
    document.title = tabTitle("register-title");
    this.#link = link;
    const pair = makeKeptKeyPair().catch((error) => {
      console.warn("this browser keeps no keys", error);
      return null;
    });
    this.#pair = pair;
    this.#view.show(true);
    this.#view.sayWhoIsHere((await loadRecords()).records);
    if ((await pair) === null && this.#pair === pair) this.#view.sayKeyless();
  }

  async #register() {
    const pair = await this.#pair;
    let record;
    try {
      record = await register(this.#link, pair && (await publicJwk(pair)));
    } catch (error) {
      this.#sayWhyNot(error);
      return;
    }
    if (!isRecord(record)) {
      this.#view.fail(text("register-unusable-title"), text("register-foreign"), true);
      return;
    }
    // A service that takes no codes has ignored the key, and believes no signature by it later either.
    const isKnownByKey = pair && bringAddress(record) !== null;
    const keyed = isKnownByKey ? { ...record, deviceKey: pair.privateKey } : record;
    const present = keyed.waiting && (await phoneOfSameUser(keyed));
    if (present && (await isTakenBack(present, keyed))) {
      this.#view.fail(...alreadyHere(present), true);
      return;
    }
    await this.#keep(keyed);
  }

  /** Goes on waiting for a phone that was registered before the page was loaded anew. */
  resume(record) {
    return this.#keep(record);
  }

  async #keep(record) {
    try {
      if (record.waiting && !(await this.#isLetIn(record))) return;
      const { waiting: _, ...confirmed } = record;
      // A link may add a phone at once, or replace the one that is here: the service knows which.
      const { goesOn, unknown } = await phonesBeside(confirmed);
      if (goesOn) {
        await this.#takeBack(confirmed, goesOn);
        return;
      }
      await addRecord(confirmed, unknown);
    } catch (error) {
      console.warn("the record was not kept", error);
      this.#view.show(true);
      this.#view.fail(text("register-unusable-title"), text("register-not-kept"), true);
      return;
    }
    // Asked for and not waited for: Firefox asks the person, and some browsers never answer.
    navigator.storage?.persist?.().catch(() => {});
    this.#leave(record);
  }

  async #takeBack(added, present) {
    await takeBack(added);
    await removeWaiting(added);
    this.#view.show(true);
    this.#view.fail(...alreadyHere(present), true);
  }

  // It is none of the user's phones before that. It is kept all the same, so that the page may be closed meanwhile.
  async #isLetIn(record) {
    await keepWaiting(record);
    this.#view.show(false);
    this.#onWaiting();
    const outcome = await waitToBeConfirmed(record);
    if (outcome === CONFIRMED) return true;
    await removeWaiting(record);
    if (outcome === GIVEN_UP) {
      this.#leave(null);
      return false;
    }
    this.#view.show(true);
    this.#view.fail(text("register-not-let-in-title"), text("register-not-let-in"), true);
    return false;
  }

  #leave(record) {
    this.#view.show(false);
    this.#onDone(record);
  }

  #sayWhyNot(error) {
    if (error instanceof Refused && error.reason === "LINK_NOT_VALID") {
      document.title = tabTitle("register-link-tab");
      this.#view.fail(text("register-link-title"), text("register-link"), true);
      return;
    }
    this.#view.fail(text("register-failed-title"), whyNot(error), false);
  }
}
