// Codes on their way to the service: scanned, typed, or brought by a link that opened this page.
//
// Belongs here: what a person is told, and which users a code is tried for. Does not belong here: the call (`bringing.js`), the field (`bring_view.js`).

import { BringView } from "./bring_view.js";
import { bring, takesCodes, whyNotBrought } from "./bringing.js";
import { able, nobodyHere, whoSignsIn } from "./going_back.js";
import { ScannerDialog } from "./scanner_dialog.js";
import { text } from "./texts.js";
import { askWho, closeWho } from "./which_user.js";

/**
 * Brings codes for the users of this phone. `users()` gives them, and `isIncomplete()` whether others are kept here and cannot be read;
 * `onBrought(record)` is told for whom a request came.
 */
export class BringFlow {
  #scanner = new ScannerDialog();
  #isStarted = false;
  // Whether a link with a code has opened this page, and the person has not been told what to do.
  #arrived = false;
  #way = null;
  // Whether the next digits come from a page on this device.
  #isByLink = false;
  #of;
  #view = new BringView({
    onCode: (proof, users) => this.#bringTyped(proof, users),
    onScan: () => this.scan(),
  });

  constructor({ users, isIncomplete, questions, notice, onBrought }) {
    this.#of = { users, isIncomplete, questions, notice, onBrought };
  }

  /** The users are there: what has arrived before is brought now. */
  start() {
    this.#isStarted = true;
    if (this.#arrived) this.#askForDigits();
    if (this.#way) this.#bringWay();
  }

  /** Another tab has the turn. */
  stop() {
    this.#isStarted = false;
    this.#scanner.close();
    closeWho();
  }

  /** Takes note that a link with a code opened this page. */
  arrive() {
    this.#arrived = true;
    if (this.#isStarted) this.#askForDigits();
  }

  /** The same of the link of a sign-in page in this browser, which wants it back. */
  arriveBy(way) {
    this.#way = way;
    if (this.#isStarted) this.#bringWay();
  }

  /** Shows the field. `isOther`: a request that needs a code is shown already. */
  update(isOther) {
    this.#view.update(this.#of.users().filter(takesCodes), isOther);
  }

  async scan() {
    const scan = await this.#scanner.scan();
    if (scan) await this.#bringScanned({ scan });
  }

  // A link opened this page: that of a sign-in page on this device, or one that somebody else has sent. What it carries is not used, since
  // nothing shows that the person has seen the sign-in page. The digits that stand there do.
  #askForDigits() {
    const { users, isIncomplete, questions, notice } = this.#of;
    this.#arrived = false;
    if (users().length === 0 && !isIncomplete()) {
      notice.say("problem", text("bring-needs-phone-title"), text("bring-needs-phone"));
    } else {
      this.#isByLink = true;
      notice.say("plain", text("bring-type-title"), text("bring-type"));
    }
    if (!questions.current) notice.focus();
  }

  async #bringWay() {
    const { notice } = this.#of;
    const [way, users] = [this.#way, able(this.#of.users())];
    this.#way = null;
    // A phone without a key of its own answers by the digits, which stand on the page of a login by name.
    if (users.length === 0 && this.#of.users().some(takesCodes)) return this.#askForDigits();
    if (users.length === 1) return this.#bringScanned(way, users);
    if (users.length > 1) this.#view.offer(way);
    notice.say(users.length > 1 ? "plain" : "problem", ...(users.length > 1 ? whoSignsIn() : nobodyHere()));
    notice.focus();
  }

  async #bringScanned(proof, users = this.#of.users()) {
    const { notice } = this.#of;
    notice.say("plain", text("bring-looking-title"), text("bring-looking"));
    const failure = await this.#bring(proof, users);
    if (failure) notice.say("problem", failure.title, failure.text);
    else notice.clear();
  }

  async #bringTyped(proof, users) {
    const failure = await this.#bring(proof, users, { isFromAddress: this.#isByLink });
    if (!failure) this.#isByLink = false;
    if (!failure) this.#of.notice.clear();
    return failure && `${failure.title}. ${failure.text}`;
  }

  // Gives why it did not work, or null.
  async #bring(proof, users, { isFromAddress = false } = {}) {
    await Promise.all(users.map((user) => user.learned));
    try {
      const ask = (records) => askWho(records, proof, this.#scanner);
      const { record, request, proof: brought } = await bring(users.map((user) => user.record), proof, ask);
      const question = this.#of.questions.bring(record, request, brought);
      if (!question) return { title: text("bring-answered-title"), text: text("bring-answered") };
      question.isFromAddress ||= isFromAddress;
      this.#of.onBrought(record);
      return null;
    } catch (error) {
      return whyNotBrought(error, proof, this.#of.users().length > 1);
    }
  }
}
