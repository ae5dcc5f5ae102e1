// A page that only a logged-in user sees: is covered while the user is away, and loaded anew when the session has ended.

const SESSION_ASK_MS = 5000;
// Who is away may have cut the line as well.
const SILENCE_MS = 30_000;
// A page that is told to load anew as soon as it was loaded takes its time.
const AGAIN_MS = 3000;
// A form that was sent, such as the one that logs out, leads on by itself, unless nothing comes of it.
const SENT_MS = 10_000;
const RELOADED = "iampass-reloaded";

function watchSession(said) {
  const isCover = said.sessionCover === "page";
  const cover = new Cover({ lang: said.textsLang, dir: said.textsDir });
  let hasHeard = false;
  let silenceTimer = 0;
  let sentAt = -SENT_MS;

  const show = (word) => {
    const isFirst = !hasHeard;
    hasHeard = true;
    if (word === "present") {
      if (isCover) reload(isFirst && wasReloaded() ? AGAIN_MS : 0);
      else cover.lift();
    } else if (word !== "ended") {
      // A word that is not known lets nobody see anything.
      if (!isCover) cover.show(said.awayTitle, said.awayText);
    } else if (isCover || !isFirst || !wasReloaded()) {
      // Before a form is sent a second time the browser asks, and shows the page behind its question.
      if (!isCover) cover.show("", "");
      reload(isCover && isFirst && wasReloaded() ? AGAIN_MS : 0);
    } else {
      // What was loaded after the end is what the server shows without a session.
      follower.stop();
    }
  };
  const reload = (waitMs) => {
    follower.stop();
    setTimeout(() => {
      markReload();
      location.reload();
    }, Math.max(waitMs, sentAt + SENT_MS - Date.now()));
  };
  const goSilent = () => {
    if (!isCover) cover.show(said.offlineTitle, said.offlineText);
  };
  const follower = new Follower({
    events: said.sessionEvents,
    state: said.sessionState,
    askMs: SESSION_ASK_MS,
    names: ["present", "away", "ended"],
    hiding: ["away", "ended"],
    isLogin: true,
    read: (state) => String(state.state),
    onWord: show,
    onContact(isThere) {
      if (isThere) {
        clearTimeout(silenceTimer);
        silenceTimer = 0;
      } else if (cover.isThere) {
        goSilent();
      } else {
        silenceTimer ||= setTimeout(goSilent, SILENCE_MS);
      }
    },
  });

  addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sentAt = Date.now();
  });
  addEventListener("pagehide", (event) => {
    follower.stop();
    clearTimeout(silenceTimer);
    silenceTimer = 0;
    // A page that is kept for the back button must not be seen before it is known whether it may be.
    if (event.persisted && !isCover) cover.show("", "");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    hasHeard = true;
    sentAt = -SENT_MS;
    if (!isCover && !cover.isThere) cover.show("", "");
    follower.start();
    follower.askNow();
  });
  follower.start();
  saySignedIn(said.signedIn, { lang: said.textsLang, dir: said.textsDir });
}

function markReload() {
  try {
    sessionStorage.setItem(RELOADED, JSON.stringify({ at: Date.now(), place: location.href }));
  } catch {
    // Without it, how the page was loaded has to tell.
  }
}

// Whether this document is what came after an end, and not one from before. One that the back button brought is from before.
function wasReloaded() {
  if (performance.getEntriesByType("navigation")[0]?.type !== "reload") return false;
  try {
    const { at, place } = JSON.parse(sessionStorage.getItem(RELOADED)) ?? { at: 0, place: "" };
    return place === location.href && Math.abs(performance.timeOrigin - at) < 10_000;
  } catch {
    return true;
  }
}
