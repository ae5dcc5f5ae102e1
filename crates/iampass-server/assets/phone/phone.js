// The phone: which users it stands for, what waits for an answer, and what a tap does.
//
// Belongs here: how what is known becomes what is shown, and what is done when something happens. The rules of single things
// (requests, sessions, calls, views) have files of their own.

import { byId, setText, show } from "./dom.js";
import { HomeView } from "./home_view.js";
import { PendingWatch } from "./pending.js";
import { Questions, isOver } from "./questions.js";
import { Refused, Unreachable, call } from "./api.js";
import { applicationName, loadRecords, removeRecord, signerOf, userName } from "./records.js";
import { askToRemove } from "./remove_dialog.js";
import { RequestView } from "./request_view.js";
import { Sessions } from "./sessions.js";
import { lookAtAll } from "./steady.js";
import { now } from "./clock.js";

const TICK_MS = 250;
const REFRESH_MS = 15_000;
const SLEEP_MS = 10_000;
const NOTICE_MS = 5000;
const VIBRATION_MS = 80;

/** Plays the phone of all users that this browser has records of. */
export class Phone {
  #users = [];
  #questions = new Questions();
  #notice = null;
  #isOn = false;
  #refreshedAt = 0;
  #hiddenAt = null;
  #home = new HomeView({
    onWalkAway: (user) => this.#change([user], () => user.sessions.walkAway()),
    onComeBack: (user) => this.#comeBack(user ? [user] : this.#users),
    onLogOut: (user, session) => this.#logOut(user, session),
    onRemove: (user) => this.#remove(user),
  });
  #request = new RequestView({
    onAccept: (question) => this.#accept(question),
    onDeny: (question) => this.#send(question, false),
  });

  constructor() {
    setInterval(() => this.#isOn && this.#tick(), TICK_MS);
    document.addEventListener("visibilitychange", () => this.#isOn && this.#visibilityChanged());
    window.addEventListener("online", () => this.#isOn && this.#wake());
  }

  /** Begins, or begins again after another tab had the turn. */
  start() {
    this.#isOn = true;
    this.#loadUsers();
    this.#refreshAll();
    this.#render();
  }

  /** Leaves the turn to another tab. */
  stop() {
    this.#isOn = false;
    for (const user of this.#users) user.watch.stop();
    this.#users = [];
    this.#questions.retain([]);
    this.#unsay();
    this.#render();
  }

  /** Says something that stays until something else happens. Tones are "good", "plain" and "problem". */
  say(tone, title, text = "") {
    this.#notice = { tone, title, text, saidAt: performance.now() };
    this.#renderNotice();
  }

  #unsay() {
    this.#notice = null;
    this.#renderNotice();
  }

  // ---- users

  #loadUsers() {
    const old = new Map(this.#users.map((user) => [user.record.device.device_id, user]));
    for (const user of this.#users) user.watch.stop();
    const records = loadRecords();
    this.#users = records.map((record) => old.get(record.device.device_id) ?? newUser(record));
    for (const user of this.#users) {
      user.watch = new PendingWatch(user.record, records.length, {
        onRequests: (requests) => this.#requestsCame(user, requests),
        onTrouble: (error) => this.#troubleCame(user, error),
      });
    }
    this.#questions.retain(this.#users.map((user) => user.record));
  }

  async #remove(user) {
    const { record } = user;
    const unregister = async () => {
      try {
        await call("POST", record.service.service_urls.device_unregister, signerOf(record), { body: {} });
      } catch (error) {
        if (!error.isForgotten) throw error;
      }
    };
    // There is nothing to lose with a phone that the service has forgotten, so nothing is asked.
    const isRemoved = user.isForgotten || (await askToRemove(record, unregister));
    if (!isRemoved) return;
    removeRecord(record.device.device_id);
    this.start();
    this.say("plain", "Removed", `This browser no longer confirms sign-ins of ${userName(record)} to ${applicationName(record)}.`);
    byId("notice").focus();
  }

  // ---- requests

  #requestsCame(user, requests) {
    user.isOffline = false;
    user.trouble = null;
    const gone = this.#questions.update(user.record, requests);
    for (const question of gone) this.#letGo(question);
    // What ended elsewhere may have changed the sessions as well.
    if (gone.length > 0) this.#refresh(user);
    this.#render();
  }

  #letGo(question) {
    this.#questions.settle(question);
    const application = question.request.application_name;
    if (question.leftMs !== null && question.leftMs <= 1000) {
      this.say("plain", "The time ran out", `Nobody answered ${application}, so nobody was signed in.`);
    } else {
      this.say("plain", "No longer waiting", `The request of ${application} was withdrawn, or answered elsewhere.`);
    }
  }

  #accept(question) {
    if (question.nextStep) {
      question.step = question.nextStep;
      this.#render();
      return;
    }
    this.#send(question, true);
  }

  async #send(question, isAccepted) {
    question.isSending = true;
    question.failure = null;
    this.#render();
    try {
      const answer = await question.answer(isAccepted);
      this.#questions.settle(question);
      this.#sayAnswered(question, isAccepted, answer);
    } catch (error) {
      if (isOver(error)) {
        this.#questions.settle(question);
        this.say("problem", "Too late", `The request of ${question.request.application_name} no longer waits for an answer.`);
      } else {
        question.failure =
          error instanceof Refused ? inWords(error) : "Your answer did not reach the service. Try again.";
      }
    }
    question.isSending = false;
    this.#render();
    const user = this.#users.find(({ record }) => record === question.record);
    if (user) this.#refresh(user);
  }

  #sayAnswered({ request, record }, isAccepted, answer) {
    const application = request.application_name;
    if (!isAccepted) {
      this.say("plain", "Denied", `Nobody was signed in to ${application}.`);
    } else if (answer.status === false || ["failed", "cancelled", "timeout", "closed"].includes(answer.session_status)) {
      this.say("problem", "Not signed in", `The service did not accept the answer to ${application}.`);
    } else {
      this.say("good", "Accepted", `${application} signs you in as ${userName(record)}.`);
    }
  }

  // ---- sessions

  #comeBack(users) {
    const away = users.filter((user) => user.sessions.away.length > 0);
    return this.#change(away, () => Promise.all(away.map((user) => user.sessions.comeBack())));
  }

  #logOut(user, session) {
    return this.#change([user], async () => {
      await user.sessions.logOut(session);
      this.say("plain", "Logged out", `${userName(user.record)} is logged out of ${session.application_name}.`);
    });
  }

  async #change(users, change) {
    this.#unsay();
    try {
      await change();
    } catch (error) {
      this.say("problem", "That did not work", inWords(error));
    }
    await Promise.all(users.map((user) => this.#refresh(user)));
  }

  async #refresh(user) {
    if (user.isForgotten) return;
    try {
      await user.sessions.refresh();
    } catch (error) {
      this.#troubleCame(user, error);
    }
    this.#render();
  }

  #refreshAll() {
    this.#refreshedAt = now();
    for (const user of this.#users) this.#refresh(user);
  }

  // ---- what happens by itself

  #troubleCame(user, error) {
    user.isForgotten ||= Boolean(error.isForgotten);
    user.isOffline = error instanceof Unreachable || Boolean(error.isTemporary);
    user.trouble = user.isOffline ? null : inWords(error);
    if (user.isForgotten) {
      user.watch.stop();
      this.#questions.update(user.record, []);
    }
    this.#render();
  }

  #tick() {
    const { current } = this.#questions;
    if (current?.isOverdue && !current.isSending) this.#letGo(current);
    if (Math.abs(now() - this.#refreshedAt) > REFRESH_MS) this.#refreshAll();
    if (current) this.#render();
  }

  #visibilityChanged() {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
      return;
    }
    if (this.#hiddenAt !== null && Date.now() - this.#hiddenAt > SLEEP_MS) this.#wake();
    this.#hiddenAt = null;
    this.#render();
  }

  #wake() {
    for (const user of this.#users) user.watch.wake();
    this.#refreshAll();
  }

  // ---- showing

  #render() {
    const { current, count } = this.#questions;
    const hadFocus = byId("request").contains(document.activeElement);
    const isNew = this.#request.update(current, count);
    this.#home.update(this.#users, current !== null);
    this.#renderNotice();
    show(byId("connection"), this.#users.some((user) => user.isOffline));
    document.title = this.#title();
    if (isNew) this.#presented(current);
    if (!current && hadFocus) byId("notice").focus();
    lookAtAll();
    // The application is told when somebody sees it, and not when a hidden page has fetched it.
    if (current && !document.hidden) current.seen();
  }

  #presented({ request, record, step }) {
    if (step !== "ask") return;
    // What was said about the request before stays long enough to be read; older words would seem to be about this one.
    if (this.#notice && performance.now() - this.#notice.saidAt > NOTICE_MS) this.#unsay();
    setText(byId("live"), `Sign-in request from ${request.application_name} for ${userName(record)}.`);
    // Browsers refuse, and complain, before the page was touched for the first time.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATION_MS);
  }

  #renderNotice() {
    const { tone = "plain", title = "", text = "" } = this.#notice ?? {};
    show(byId("notice"), this.#notice !== null);
    byId("notice").dataset.tone = tone;
    setText(byId("notice-title"), title);
    setText(byId("notice-text"), text);
  }

  #title() {
    const { current, count } = this.#questions;
    if (current) return `(${count}) Sign-in request · ${current.request.application_name}`;
    if (this.#users.some((user) => user.sessions.away.length > 0)) return "Away · IAMPASS phone";
    if (this.#users.length === 0) return "Not registered · IAMPASS phone";
    return "IAMPASS phone";
  }
}

function newUser(record) {
  return { record, sessions: new Sessions(record), watch: null, isForgotten: false, isOffline: false, trouble: null };
}

function inWords(error) {
  if (error instanceof Refused) return `The service refused: ${error.message}`;
  return "The service could not be reached. Nothing was changed; try again.";
}
