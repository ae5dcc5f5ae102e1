// The part of a request where the code goes: a field for six digits, and a way to scan it. Where a code was brought already, it says so.

import { digitsIn, isLink } from "./code.js";
import { byId, onTap, setText, show } from "./dom.js";
import { text } from "./texts.js";

/** The code of one request after the other. `onChange` is told of each change, `onEnter` that the person is done, `onScan` that it is to be scanned. */
export class CodeView {
  #question = null;

  constructor({ onChange, onEnter, onScan }) {
    const field = byId("code");
    // A program that fills the field in or empties it may send only one of the two.
    for (const happening of ["input", "change"]) {
      field.addEventListener(happening, () => {
        if (!this.#question || this.#question.typed === field.value) return;
        this.#question.typed = field.value;
        this.#question.codeFailure = null;
        onChange();
      });
    }
    byId("code-part").addEventListener("submit", (event) => {
      event.preventDefault();
      onEnter();
    });
    onTap(byId("code-scan"), onScan);
  }

  /** Shows the part that belongs to this question. */
  present(question) {
    this.#question = question;
    show(byId("code-part"), question.needsCode && question.step === "ask");
    this.refresh(question);
  }

  /** Shows what has become of the code. */
  refresh(question) {
    const { brought, codeFailure, typed } = question;
    const failure = codeFailure ?? question.failure;
    const field = byId("code");
    if (field.value !== typed) field.value = typed;
    show(byId("code-entry"), brought === null);
    show(byId("code-done"), brought !== null);
    setText(byId("code-done-text"), saidOf(brought));
    show(byId("code-hint"), failure === null && brought === null);
    show(byId("code-failure"), failure !== null);
    setText(byId("code-failure"), failure ?? "");
    field.setAttribute("aria-invalid", String(codeFailure !== null));
  }

  /** Leads the person to the field. */
  ask() {
    byId("code").focus();
  }
}

function saidOf(brought) {
  if (brought?.code) return text("code-typed", { code: spaced(brought.code) });
  return text(isLink(brought) ? "code-by-link" : "code-scanned");
}

function spaced(code) {
  const digits = digitsIn(code);
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
