// Asks whether this browser shall become a user's phone, and takes pasted links.

import { LINK_START, SERVICE_HOST, registrationLink } from "./address.js";
import { byId, onTap, setText, show } from "./dom.js";

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
    if (isShown) byId("register-title").focus();
  }

  /** Says why it did not work; with `isFinal`, that trying again will not help. */
  fail(title, message, isFinal) {
    setText(byId("register-title"), title);
    show(byId("register-ask"), false);
    setText(byId("register-failure"), message);
    show(byId("register-failure"), true);
    show(byId("register-now"), !isFinal);
    setText(byId("register-later"), isFinal ? "Go to the phone" : "Not now");
    setText(byId("register-label"), "Try again");
    byId("register-failure").focus();
  }
}

/** Makes the field for a pasted link work. */
export function acceptPastedLinks() {
  const field = byId("link");
  byId("link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const link = registrationLink(field.value);
    field.setAttribute("aria-invalid", String(link === null));
    show(byId("link-error"), link === null);
    if (link) {
      location.assign(link);
      return;
    }
    setText(byId("link-error"), `This is not a registration link of this service. Such a link begins with ${LINK_START}`);
    field.focus();
  });
}
