// Shows the request that waits for an answer: it fills the screen.

import { CodeView } from "./code_view.js";
import { byId, setInert, setMoment, setText, show } from "./dom.js";
import { applicationName, userName } from "./records.js";
import { STEADY_MS, isSteady } from "./steady.js";
import { text } from "./texts.js";
import { whyNoUnlocking } from "./unlocking.js";

// The names of texts.
const STEPS = {
  ask: {
    title: "request-title",
    accept: "accept",
    note: null,
  },
  os_authentication: {
    title: "unlock-simulated-title",
    accept: "simulate-button",
    note: "unlock-simulated",
  },
  facial: {
    title: "face-simulated-title",
    accept: "simulate-button",
    note: "face-simulated",
  },
};

// Where the service verifies it, nothing is simulated.
const UNLOCK = {
  title: "unlock-title",
  accept: "unlock-button",
  note: "unlock",
};

const SET_UP = {
  ...UNLOCK,
  note: "unlock-set-up",
};

const ALSO = {
  os_authentication: "request-also-unlock-simulated",
  facial: "request-also-face-simulated",
};

const VERIFIED = { os_authentication: "request-also-unlock" };

/** The view of one request after the other. `onAccept`, `onDeny`, `onReport` and `onScan` are told what was tapped, once. */
export class RequestView {
  #shown = null;
  #timer = null;
  #code;

  constructor({ onAccept, onDeny, onReport, onScan }) {
    this.#listen(byId("accept"), onAccept);
    this.#listen(byId("deny"), onDeny);
    this.#listen(byId("report"), onReport);
    this.#code = new CodeView({
      onChange: () => this.#shown && this.#refresh(this.#shown.question),
      onEnter: () => byId("accept").click(),
      onScan,
    });
  }

  /** Shows this question, or none. Gives whether something new is shown. */
  update(question, count) {
    show(byId("request"), question !== null);
    // With the code, *Accept* signs somebody in at once: it is another question than without.
    const key = question && `${question.id} ${question.step} ${question.brought ? "with code" : ""} ${question.isSetUp}`;
    const isNew = key !== this.#shown?.key;
    this.#shown = question && { key, question, count };
    if (!question) return false;
    if (isNew) this.#present(question);
    this.#refresh(question);
    return isNew;
  }

  /** Closes what lies above a request, and leads the person to the one that is shown. A dialog with what is shown only once, or will be, stays. */
  uncover() {
    for (const dialog of document.querySelectorAll("dialog[open]")) {
      const isOnce = [...dialog.querySelectorAll("[data-once]")].some((part) => !part.hidden);
      if (!isOnce && dialog.getAttribute("aria-busy") !== "true") dialog.close();
    }
    if (!this.#shown) return;
    byId("request-title").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  #present(question) {
    const { request, record, step } = question;
    const words = wordsOf(question);
    setText(byId("request-title"), text(words.title));
    setText(byId("accept-label"), text(words.accept));
    setText(byId("request-application"), request.application_name || applicationName(record));
    setText(byId("request-user"), userName(record));
    const note = words.note === null ? alsoAsked(question) : text(words.note);
    setText(byId("request-note"), [note, whenToAccept(question)].filter(Boolean).join(" "));
    show(byId("request-note"), byId("request-note").textContent !== "");
    show(byId("request-when"), Boolean(request.requested_at));
    this.#presentBrowser(request);
    byId("request").dataset.needsCode = String(question.needsCode);
    this.#code.present(question);
    show(byId("report-part"), question.canReport && step === "ask");
    // Whoever cannot see the screen change is led to it. The buttons come right after.
    byId("request-title").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  #presentBrowser({ browser = "", address = "", known_browser: isKnown }) {
    // An application that tells nothing of the browser does not know whether it was there before.
    const saysKnown = isKnown === true || (isKnown === false && browser !== "");
    show(byId("request-browser-part"), browser !== "" || saysKnown);
    setText(byId("request-browser"), browser);
    show(byId("request-known"), saysKnown);
    setText(byId("request-known"), text(isKnown ? "request-known" : "request-unknown"));
    byId("request-known").dataset.state = isKnown ? "known" : "away";
    show(byId("request-address-part"), address !== "");
    setText(byId("request-address"), address);
  }

  #refresh(question) {
    const { request, leftPart, leftSeconds } = question;
    if (request.requested_at) setMoment(byId("request-time"), request.requested_at);
    show(byId("ring"), leftPart !== null);
    if (leftPart !== null) {
      byId("ring-left").setAttribute("stroke-dashoffset", String(100 - leftPart * 100));
      setText(byId("ring-seconds"), text("request-seconds", { seconds: leftSeconds }));
      byId("ring").dataset.urgent = String(leftSeconds <= 10);
    }
    setText(byId("request-failure"), question.failure ?? "");
    show(byId("request-failure"), question.failure !== null);
    setText(byId("request-more"), moreWaiting(this.#shown.count - 1));
    byId("request").setAttribute("aria-busy", String(question.isSending));
    this.#code.refresh(question);
    this.#refreshButtons(question);
  }

  #refreshButtons(question) {
    const buttons = [byId("deny"), byId("accept")];
    // The same button means something else with each question, and after each failure.
    const about = `${this.#shown.key} ${question.failure ?? ""} ${question.codeFailure ?? ""}`;
    for (const button of [...buttons, byId("report")]) button.dataset.about = about;
    const areSteady = buttons.map(isSteady).every(Boolean);
    const isOver = question.leftMs !== null && question.leftMs <= 0;
    const isInert = !areSteady || isOver || question.isSending;
    setInert(byId("deny"), isInert);
    // It does not stick to the window as the others do, and keeps its place where they move.
    setInert(byId("report"), isOver || question.isSending);
    const isImpossible = question.impossible.length > 0 || whyNoUnlocking(question) !== null;
    setInert(byId("accept"), isInert || isImpossible || question.lacksCode);
    clearTimeout(this.#timer);
    if (areSteady) return;
    this.#timer = setTimeout(() => this.#shown && this.#refreshButtons(this.#shown.question), STEADY_MS);
  }

  #listen(button, action) {
    button.addEventListener("click", () => {
      if (!this.#shown) return;
      this.#refreshButtons(this.#shown.question);
      if (button.id === "accept" && this.#shown.question.lacksCode) this.#code.ask();
      if (button.getAttribute("aria-disabled") !== "true") action(this.#shown.question);
    });
  }
}

function wordsOf(question) {
  if (question.step !== "os_authentication" || !question.isVerified) return STEPS[question.step];
  return question.isSetUp ? SET_UP : UNLOCK;
}

function alsoAsked(question) {
  const why = whyNoUnlocking(question);
  if (why) return text("request-no-unlocking", { why });
  if (question.impossible.length > 0) {
    return text("request-impossible", { what: question.impossible.join(", ") });
  }
  const also = question.asked.map((name) => (question.isVerified ? VERIFIED[name] : null) ?? ALSO[name]).filter(Boolean);
  return also.map((id) => text(id)).join(" ");
}

function whenToAccept({ isByLink, needsCode }) {
  if (isByLink) return text("request-by-link");
  return needsCode ? text("request-in-front") : "";
}

function moreWaiting(count) {
  return count > 0 ? text("request-more", { count }) : "";
}
