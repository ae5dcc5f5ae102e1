// Shows the request that waits for an answer: it fills the screen.

import { byId, setInert, setMoment, setText, show } from "./dom.js";
import { applicationName, userName } from "./records.js";
import { STEADY_MS, isSteady } from "./steady.js";

const STEPS = {
  ask: {
    title: "Is this you signing in?",
    accept: "Accept",
    note: null,
  },
  os_authentication: {
    title: "Unlock this phone (simulated)",
    accept: "Simulate",
    note: "This is simulated, for development. No fingerprint and no code is checked: the page only says that you unlocked the phone, and the service believes it. It proves nothing.",
  },
  facial: {
    title: "Show your face (simulated)",
    accept: "Simulate",
    note: "This is simulated, for development. No picture is taken: the page only says that you showed your face, and the service believes it. It proves nothing.",
  },
};

const ALSO = {
  os_authentication: "to unlock this phone (simulated)",
  facial: "to show your face (simulated)",
};

/** The view of one request after the other. `onAccept` and `onDeny` are told what was tapped, once. */
export class RequestView {
  #shown = null;
  #timer = null;

  constructor({ onAccept, onDeny }) {
    this.#listen(byId("accept"), onAccept);
    this.#listen(byId("deny"), onDeny);
  }

  /** Shows this question, or none. Gives whether something new is shown. */
  update(question, count) {
    show(byId("request"), question !== null);
    const key = question && `${question.id} ${question.step}`;
    const isNew = key !== this.#shown?.key;
    this.#shown = question && { key, question };
    if (!question) return false;
    if (isNew) this.#present(question);
    this.#refresh(question, count);
    return isNew;
  }

  #present(question) {
    const { request, record, step } = question;
    const words = STEPS[step];
    setText(byId("request-title"), words.title);
    setText(byId("accept-label"), words.accept);
    setText(byId("request-application"), request.application_name || applicationName(record));
    setText(byId("request-user"), userName(record));
    setText(byId("request-note"), words.note ?? alsoAsked(question));
    show(byId("request-note"), byId("request-note").textContent !== "");
    show(byId("request-when"), Boolean(request.requested_at));
    // Whoever cannot see the screen change is led to it. The buttons come right after.
    byId("request-title").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  #refresh(question, count) {
    const { request, leftPart, leftSeconds } = question;
    if (request.requested_at) setMoment(byId("request-time"), request.requested_at);
    show(byId("ring"), leftPart !== null);
    if (leftPart !== null) {
      byId("ring-left").setAttribute("stroke-dashoffset", String(100 - leftPart * 100));
      setText(byId("ring-seconds"), String(leftSeconds));
      byId("ring").dataset.urgent = String(leftSeconds <= 10);
    }
    setText(byId("request-failure"), question.failure ?? "");
    show(byId("request-failure"), question.failure !== null);
    setText(byId("request-more"), moreWaiting(count - 1));
    byId("request").setAttribute("aria-busy", String(question.isSending));
    this.#refreshButtons(question);
  }

  #refreshButtons(question) {
    const buttons = [byId("deny"), byId("accept")];
    // The same button means something else with each question, and after each failure.
    for (const button of buttons) button.dataset.about = `${this.#shown.key} ${question.failure ?? ""}`;
    const areSteady = buttons.map(isSteady).every(Boolean);
    const isOver = question.leftMs !== null && question.leftMs <= 0;
    const isInert = !areSteady || isOver || question.isSending;
    setInert(byId("deny"), isInert);
    setInert(byId("accept"), isInert || question.impossible.length > 0);
    clearTimeout(this.#timer);
    if (areSteady) return;
    this.#timer = setTimeout(() => this.#shown && this.#refreshButtons(this.#shown.question), STEADY_MS);
  }

  #listen(button, action) {
    button.addEventListener("click", () => {
      if (!this.#shown) return;
      this.#refreshButtons(this.#shown.question);
      if (button.getAttribute("aria-disabled") !== "true") action(this.#shown.question);
    });
  }
}

function alsoAsked(question) {
  if (question.impossible.length > 0) {
    return `The application asks for something that this page cannot give (${question.impossible.join(", ")}). You can only deny.`;
  }
  const also = question.asked.map((name) => ALSO[name]).filter(Boolean);
  return also.length > 0 ? `You will also be asked ${also.join(" and ")}.` : "";
}

function moreWaiting(count) {
  if (count <= 0) return "";
  return count === 1 ? "1 more request waits." : `${count} more requests wait.`;
}
