// The phone: which users it stands for, what waits for an answer, and what a tap does.
//
// Belongs here: how what is known becomes what is shown, and what is done when something happens. The rules of single things
// (requests, sessions, calls, views) have files of their own.

import { BringFlow } from "./bring_flow.js";
import { withdrawOffer } from "./codes_offer.js";
import { byId, setText, show } from "./dom.js";
import { goBack } from "./going_back.js";
import { HomeView } from "./home_view.js";
import { LeavingView } from "./leaving_view.js";
import { Notice } from "./notice.js";
import { PendingWatch } from "./pending.js";
import { Questions, isOver } from "./questions.js";
import { Refused, Unreachable, call } from "./api.js";
import { applicationName, loadRecords, removeRecord, signerOf, userName } from "./records.js";
import { PhonesNews } from "./phones_news.js";
import { learnAddresses } from "./record_update.js";
import { answeredInWords, goneInWords, notAnswered, tooLateInWords } from "./answered.js";
import { askToRemove } from "./remove_dialog.js";
import { RequestView } from "./request_view.js";
import { Sessions } from "./sessions.js";
import { SettingsView } from "./settings_view.js";
import { badge, badgeMayDiffer, ring } from "./signals.js";
import { changeBody } from "./statements.js";
import { onPushed } from "./subscribing.js";
import { now } from "./clock.js";
import { tabTitle, text } from "./texts.js";
import { unlockFor } from "./unlocking.js";
import { refusalInWords } from "./why.js";

const TICK_MS = 250;
const REFRESH_MS = 15_000;
const SLEEP_MS = 10_000;
const NOTICE_MS = 5000;

/** Plays the phone of all users that this browser has records of. */
export class Phone {
  #users = [];
  #questions = new Questions();
  #notice = new Notice();
  #news = new PhonesNews(this.#notice);
  #isOn = false;
  #isStarted = false;
  // Others are kept here and cannot be read.
  #isIncomplete = false;
  #startCount = 0;
  #refreshedAt = 0;
  #hiddenAt = null;
  #home = new HomeView({
    onWalkAway: (user) => this.#change([user], () => user.sessions.walkAway()),
    onComeBack: (user) => this.#comeBack(user ? [user] : this.#users),
    onLogOut: (user, session) => this.#logOut(user, session),
    onRemove: (user) => this.#remove(user),
  });
  #settings = new SettingsView(() => this.#users.filter((user) => !user.isForgotten).map((user) => user.record));
  #leaving = new LeavingView(() => this.#users, (user) => this.#refresh(user));
  #request = new RequestView({
    onAccept: (question) => this.#accept(question),
    onDeny: (question) => this.#send(question, false),
    onReport: (question) => this.#send(question, false, { report: true }),
    onScan: () => this.#codes.scan(),
  });
  #codes = new BringFlow({
    users: () => this.#users,
    isIncomplete: () => this.#isIncomplete,
    questions: this.#questions,
    notice: this.#notice,
    onBrought: (record) => {
      // A poll from before the code was brought would take the request away again.
      this.#users.find((user) => user.record === record)?.watch.wake();
      this.#render();
    },
  });

  constructor() {
    setInterval(() => this.#isOn && this.#tick(), TICK_MS);
    document.addEventListener("visibilitychange", () => this.#isOn && this.#visibilityChanged());
    window.addEventListener("online", () => this.#isOn && this.#wake());
    onPushed((push) => this.#isOn && this.#pushed(push));
  }

  /** Whether this tab has the turn. */
  get isOn() {
    return this.#isOn;
  }

  /** Begins, or begins again after another tab had the turn. Ends when the users are shown. */
  async start() {
    this.#isOn = true;
    this.#startCount += 1;
    const start = this.#startCount;
    const { records, isIncomplete } = await loadRecords();
    // Another tab may have taken the turn by now, or this one has begun again.
    if (!this.#isOn || start !== this.#startCount) return;
    this.#isStarted = true;
    badgeMayDiffer();
    this.#isIncomplete = isIncomplete;
    this.#useRecords(records);
    this.#refreshAll();
    this.#leaving.start();
    if (isIncomplete) {
      this.#notice.say("problem", text("unreadable-title"), text("unreadable"));
    }
    this.#render();
    this.#codes.start();
    // A record that learns its addresses tells the service that it asks by itself, so it subscribes after that.
    Promise.all(this.#users.map((user) => user.learned)).then(() => this.#settings.check());
  }

  /** Leaves the turn to another tab. */
  stop() {
    this.#isOn = false;
    this.#isStarted = false;
    this.#leaving.stop();
    this.#codes.stop();
    for (const user of this.#users) user.watch.stop();
    this.#users = [];
    this.#questions.retain([]);
    this.#news.stop();
    this.#notice.reset();
    this.#render();
  }

  /** Says something that stays until something else happens. Tones are "good", "plain" and "problem". */
  say(tone, title, more = "") {
    this.#notice.say(tone, title, more);
  }

  /** Takes note that a link with a code opened this page. */
  arrive() {
    this.#codes.arrive();
  }

  arriveBy(way) {
    this.#codes.arriveBy(way);
  }

  // ---- users

  #useRecords(records) {
    const old = new Map(this.#users.map((user) => [user.record.device.device_id, user]));
    for (const user of this.#users) user.watch.stop();
    this.#users = records.map((record) => old.get(record.device.device_id) ?? newUser(record));
    for (const user of this.#users) {
      user.watch = new PendingWatch(user.record, records.length, {
        onRequests: (requests) => this.#requestsCame(user, requests),
        onPhones: (number) => this.#news.changed(user.record, number),
        onTrouble: (error) => this.#troubleCame(user, error),
      });
      user.learned ??= this.#learnAddresses(user);
    }
    this.#questions.retain(this.#users.map((user) => user.record));
  }

  // The service has learned to take codes since this phone was registered.
  async #learnAddresses(user) {
    try {
      if (await learnAddresses(user.record)) this.#render();
    } catch (error) {
      this.#troubleCame(user, error);
    }
  }

  async #remove(user) {
    const { record } = user;
    const unregister = async () => {
      try {
        const body = (sent) => changeBody(record, sent, "unregister");
        await call("POST", record.service.service_urls.device_unregister, signerOf(record), { body });
      } catch (error) {
        if (!error.isForgotten) throw error;
      }
    };
    // There is nothing to lose with a phone that the service has forgotten, so nothing is asked.
    const isRemoved = user.isForgotten || (await askToRemove(record, unregister));
    if (!isRemoved) return;
    await removeRecord(record);
    withdrawOffer(record);
    await this.start();
    const whose = { user: userName(record), application: applicationName(record) };
    this.say("plain", text("removed-title"), text("removed", whose));
    this.#notice.focus();
  }

  // ---- requests

  #requestsCame(user, requests) {
    user.isOffline = false;
    user.trouble = null;
    user.isHeard = true;
    const gone = this.#questions.update(user.record, requests);
    for (const question of gone) this.#letGo(question, requests);
    // What ended elsewhere may have changed the sessions as well.
    if (gone.length > 0) this.#refresh(user);
    this.#render();
  }

  // `requests` wait in its place, where that is known.
  #letGo(question, requests = []) {
    this.#questions.settle(question);
    this.say(...goneInWords(question, requests));
  }

  #accept(question) {
    if (question.nextStep) {
      question.step = question.nextStep;
      this.#render();
      return;
    }
    if (question.mustUnlock) this.#unlock(question);
    else this.#send(question, true);
  }

  async #unlock(question) {
    question.isSending = true;
    question.failure = null;
    this.#render();
    const { proof = null, isSetUp = false, failure = null } = await unlockFor(question);
    Object.assign(question, { isSending: false, unlocked: proof, failure, isSetUp: question.isSetUp || isSetUp });
    if (proof) await this.#send(question, true);
    else this.#render();
  }

  async #send(question, isAccepted, options) {
    question.isSending = true;
    question.failure = null;
    question.codeFailure = null;
    this.#render();
    try {
      const answer = await question.answer(isAccepted, options);
      this.#questions.settle(question);
      if (isAccepted && goBack(answer.return_to)) return;
      this.say(...answeredInWords(question, isAccepted, answer, options));
    } catch (error) {
      if (isOver(error)) {
        this.#questions.settle(question);
        this.say(...tooLateInWords(question));
      } else {
        notAnswered(question, error);
      }
    }
    question.isSending = false;
    this.#render();
    const user = this.#users.find(({ record }) => record === question.record);
    if (user) this.#refresh(user);
  }

  // ---- sessions

  #comeBack(users) {
    const away = users.filter((user) => user.sessions.away.length > 0);
    return this.#change(away, () => Promise.all(away.map((user) => user.sessions.comeBack())));
  }

  #logOut(user, session) {
    return this.#change([user], async () => {
      await user.sessions.logOut(session);
      const whose = { user: userName(user.record), application: session.application_name };
      this.say("plain", text("logged-out-title"), text("logged-out", whose));
    });
  }

  async #change(users, change) {
    this.#notice.clear();
    try {
      await change();
    } catch (error) {
      this.say("problem", text("change-failed-title"), inWords(error));
    }
    await Promise.all(users.map((user) => this.#refresh(user)));
  }

  async #refresh(user) {
    if (user.isForgotten) return;
    try {
      await user.sessions.refresh();
      this.#leaving.update();
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
    this.#news.markSeen();
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

  // Something may wait that this page does not know of yet. A person who has tapped on the news of a question wants to see that.
  #pushed({ isTapped, kind }) {
    if (isTapped && kind === "question_waits") this.#request.uncover();
    for (const user of this.#users) user.isHeard = false;
    badgeMayDiffer();
    this.#wake();
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
    this.#home.update(this.#users, { isAsked: current !== null, isIncomplete: this.#isIncomplete });
    this.#codes.update(Boolean(current?.needsCode));
    show(byId("connection"), this.#users.some((user) => user.isOffline));
    document.title = this.#title();
    if (this.#isStarted && (count > 0 || this.#knowsAll())) badge(count);
    if (isNew) this.#presented(current);
    if (!current && hadFocus) this.#notice.focus();
    // The application is told when somebody sees it, and not when a hidden page has fetched it.
    if (current && !document.hidden) current.seen();
  }

  // Whether the service has said of every user what waits.
  #knowsAll() {
    return !this.#isIncomplete && this.#users.every((user) => user.isHeard || user.isForgotten);
  }

  #presented({ request, record, step }) {
    if (step !== "ask") return;
    // What was said about the request before stays long enough to be read; older words would seem to be about this one.
    if (this.#notice.isOlderThan(NOTICE_MS)) this.#notice.clear();
    setText(byId("live"), text("request-said", { application: request.application_name, user: userName(record) }));
    ring();
  }

  #title() {
    const { current, count } = this.#questions;
    if (current) return text("request-tab", { count, application: current.request.application_name });
    if (this.#users.some((user) => user.sessions.away.length > 0)) return tabTitle("home-away-tab");
    if (this.#users.length === 0 && !this.#isIncomplete) return tabTitle("home-unregistered-tab");
    return text("app-name");
  }
}

function newUser(record) {
  return { record, sessions: new Sessions(record), watch: null, learned: null, isForgotten: false, isHeard: false, isOffline: false, trouble: null };
}

function inWords(error) {
  return error instanceof Refused ? refusalInWords(error) : text("unreachable-unchanged");
}
