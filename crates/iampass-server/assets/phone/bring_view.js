// Takes the code that the page shows where somebody signs in, when no request is there yet.

import { isLink, linkIn, proofIn } from "./code.js";
import { PHONE_PAGE } from "./address.js";
import { byId, onTap, setInert, setText, show } from "./dom.js";
import { applicationName, userName } from "./records.js";
import { text } from "./texts.js";

/** The part of the home view for codes. `onCode(proof, users)` and `onScan()` may take their time; the first gives what went wrong, or null. */
export class BringView {
  #users = [];
  #onCode;
  #isBusy = false;

  constructor({ onCode, onScan }) {
    this.#onCode = onCode;
    onTap(byId("bring-scan"), onScan);
    byId("bring-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("bring-code").addEventListener("input", () => this.#fail(null));
  }

  /** Holds a link, so that the person says for whom it is. */
  offer(way) {
    byId("bring-code").value = `${PHONE_PAGE}#link=${way.scan}`;
    byId("bring-for").focus();
  }

  /** Shows it for these users, if there are any. `isOther`: a request that needs a code is shown already. */
  update(users, isOther) {
    this.#users = users;
    show(byId("bring"), users.length > 0);
    setText(byId("bring-title"), text(isOther ? "bring-another-title" : "bring-title"));
    show(byId("bring-whom"), users.length > 1);
    this.#updateChoice();
  }

  // Wrong digits count against the user, so they are tried for one. The longer secret of a scan is tried for all.
  #updateChoice() {
    const choice = byId("bring-for");
    const wanted = this.#users.map(({ record }) => ({
      value: record.device.device_id,
      name: `${userName(record)} (${applicationName(record)})`,
    }));
    const isSame =
      wanted.length === choice.options.length &&
      wanted.every(({ value, name }, at) => choice.options[at].value === value && choice.options[at].text === name);
    if (isSame) return;
    const before = [...choice.options].map(({ value }) => value);
    const chosen = wanted.find(({ value }) => value === choice.value);
    // The user who was registered last is the one who is about to sign in.
    const added = wanted.filter(({ value }) => !before.includes(value)).pop();
    choice.replaceChildren(...wanted.map(({ value, name }) => new Option(name, value)));
    choice.value = (added ?? chosen ?? wanted[wanted.length - 1])?.value ?? "";
  }

  async #submit() {
    if (this.#isBusy) return;
    const field = byId("bring-code");
    const proof = linkIn(field.value) ?? proofIn(field.value);
    if (!proof) return this.#fail(text("bring-no-digits"));
    const chosen = this.#users.filter(({ record }) => record.device.device_id === byId("bring-for").value);
    this.#setBusy(true);
    // A scan says by itself whom it is for. A link may be for whoever is chosen.
    const isForAll = (proof.scan && !isLink(proof)) || chosen.length === 0;
    const failure = await this.#onCode(proof, isForAll ? this.#users : chosen);
    this.#setBusy(false);
    if (failure) return this.#fail(failure);
    field.value = "";
    this.#fail(null);
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    setInert(byId("bring-go"), isBusy);
  }

  #fail(why) {
    byId("bring-code").setAttribute("aria-invalid", String(why !== null));
    setText(byId("bring-failure"), why ?? "");
    show(byId("bring-failure"), why !== null);
    if (why !== null) byId("bring-code").focus();
  }
}
