// Shows the code of a phone that was added, until one of the user's phones, or a recovery code, has confirmed it.
//
// Belongs here: a phone that waits. Does not belong here: what the other phones show ([phones_dialog.js]).

import { call } from "./api.js";
import { byId, setInert, setText, show } from "./dom.js";
import { signerOf } from "./records.js";
import { changeBody } from "./statements.js";
import { tabTitle } from "./texts.js";
import { whyNot } from "./why.js";

const WAIT_SECONDS = 20;
const GRACE_MS = 10_000;
const PAUSE_MS = 3000;

/** How the waiting ended. */
export const CONFIRMED = "confirmed";
export const NOT_LET_IN = "not let in";
export const GIVEN_UP = "given up";

/** Waits for this record, and gives how that ended: it may have been denied, its time may be up, or the person has given up. */
export async function waitToBeConfirmed(record) {
  document.title = tabTitle("waiting-tab");
  setText(byId("waiting-code"), inGroups(record.waiting.code));
  show(byId("waiting-failure"), false);
  show(byId("waiting"), true);
  byId("waiting-title").focus();
  const ended = new AbortController();
  const recovered = new Promise((resolve) => acceptRecoveryCodes(record, resolve));
  const givenUp = new Promise((resolve) => tapsMean(byId("waiting-stop"), async () => resolve(GIVEN_UP)));
  const outcome = await Promise.race([recovered, givenUp, ask(record, ended.signal)]);
  ended.abort();
  show(byId("waiting"), false);
  return outcome;
}

async function ask(record, signal) {
  const address = new URL(record.waiting.state_url);
  address.searchParams.set("wait", WAIT_SECONDS);
  while (!signal.aborted) {
    try {
      const timeoutMs = WAIT_SECONDS * 1000 + GRACE_MS;
      const { state } = await call("GET", address.href, signerOf(record), { signal, timeoutMs });
      if (state === "confirmed") return CONFIRMED;
    } catch (error) {
      if (error.isForgotten) return NOT_LET_IN;
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  return NOT_LET_IN;
}

function acceptRecoveryCodes(record, done) {
  const field = byId("recovery-code");
  field.value = "";
  const send = async () => {
    show(byId("waiting-failure"), false);
    try {
      const body = (sent) => changeBody(record, sent, "recover", { recovery_code: field.value.trim() });
      await call("POST", record.waiting.recover_url, signerOf(record), { body });
      done(CONFIRMED);
    } catch (error) {
      setText(byId("waiting-failure"), whyNot(error));
      show(byId("waiting-failure"), true);
      field.focus();
    }
  };
  byId("recovery-form").onsubmit = (event) => {
    event.preventDefault();
    if (field.value.trim() !== "") byId("recovery-use").click();
  };
  tapsMean(byId("recovery-use"), send);
}

// A page may wait more than once: the last waiting has the taps.
function tapsMean(button, action) {
  setInert(button, false);
  button.onclick = async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    setInert(button, true);
    await action();
    setInert(button, false);
  };
}

function inGroups(code) {
  return code.replace(/(\d{3})(?=\d)/g, "$1 ");
}
