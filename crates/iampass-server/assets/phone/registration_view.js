// Asks whether this browser shall become a user's phone, and takes pasted links.

import { LINK_START, SERVICE_HOST, registrationLink } from "./address.js";
import { byId, onTap, setText, show } from "./dom.js";
import { applicationName, userName } from "./records.js";
import { text } from "./texts.js";
import { all } from "./words.js";

/** The question that a registration link brings. */
export class RegistrationView {
  constructor({ onRegister, onLater }) {
    setText(byId("register-host"), SERVICE_HOST);
    onTap(byId("register-now"), onRegister);
    onTap(byId("register-later"), onLater);
  }

  /** Shows the question, or takes it away. */
  show(isShown) {
    show(byId("register"), isShown);
    if (!isShown) return;
    this.#ask();
    byId("register-title").focus();
  }

  /** Says for whom this browser is a phone already, so that a link for another phone is opened there. */
  sayWhoIsHere(records) {
    show(byId("register-here"), records.length > 0);
    const names = all(records.map((record) => `${userName(record)} (${applicationName(record)})`));
    setText(byId("register-here-who"), names);
  }

  /** Says that this phone will have no key of its own, and what to do for one. */
  sayKeyless() {
    show(byId("register-keyless"), true);
  }

  // A link before this one may have failed.
  #ask() {
    setText(byId("register-title"), text("register-title"));
    show(byId("register-ask"), true);
    show(byId("register-keyless"), false);
    show(byId("register-here"), false);
    show(byId("register-failure"), false);
    show(byId("register-now"), true);
    setText(byId("register-later"), text("register-later"));
    setText(byId("register-label"), text("register-now"));
  }

  /** Says why it did not work; with `isFinal`, that trying again will not help. */
  fail(title, message, isFinal) {
    setText(byId("register-title"), title);
    show(byId("register-ask"), false);
    show(byId("register-keyless"), false);
    show(byId("register-here"), false);
    setText(byId("register-failure"), message);
    show(byId("register-failure"), true);
    show(byId("register-now"), !isFinal);
    setText(byId("register-later"), text(isFinal ? "register-to-phone" : "register-later"));
    setText(byId("register-label"), text("register-again"));
    byId("register-failure").focus();
  }
}

/** Makes the field for a pasted link work, and the button that scans one. `onLink(link)` is told a link of this service. */
export function acceptLinks(scanner, onLink) {
  const field = byId("link");
  const wanted = {
    read: registrationLink,
    looking: text("scanner-link-looking"),
    wrong: text("scanner-link-wrong", { host: SERVICE_HOST }),
    instead: text("scanner-link-instead"),
  };
  onTap(byId("link-scan"), async () => {
    const link = await scanner.scan(wanted);
    if (link) onLink(link);
  });
  byId("link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const link = registrationLink(field.value);
    field.setAttribute("aria-invalid", String(link === null));
    show(byId("link-error"), link === null);
    if (link) {
      field.value = "";
      onLink(link);
      return;
    }
    setText(byId("link-error"), text("link-wrong", { start: LINK_START }));
    field.focus();
  });
}
