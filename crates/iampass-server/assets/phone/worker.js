// The worker of the phone's page. It is woken by pushes, also while the page is closed, shows each, and leads to the page.
//
// A push holds its kind alone. The worker asks nobody for more, keeps nothing and caches nothing: the page asks the service, with the keys that it
// has. It is one file at an address that does not change, since browsers know it by that. All languages are in it: another worker in its place
// would have to take the page over while the page is loaded, and Chromium sometimes never ends loading it then.

const PAGE = new URL("phone", self.location).href;
const LINKS = new URL("r/", self.location).href;
// How long the storage may take.
const KEPT_MS = 2000;

// The names of texts. `isQuiet`: it is news, and nothing that waits for an answer.
const SAID = {
  question_waits: { title: "push-question-title", body: "push-question", isQuiet: false },
  session_changed: { title: "push-session-title", body: "push-session", isQuiet: true },
  test: { title: "push-test-title", body: "push-test", isQuiet: false },
};
// A push that cannot be read is shown all the same: a browser takes the subscription of a page away that shows nothing.
const UNREAD = { title: "push-unread-title", body: "push-unread", isQuiet: false };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(pushed(kindOf(event.data))));
self.addEventListener("notificationclick", (event) => event.waitUntil(clicked(event.notification)));
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(offline));
});

function kindOf(data) {
  try {
    return String(data.json().kind);
  } catch {
    return "";
  }
}

async function pushed(kind) {
  const { title, body, isQuiet } = Object.hasOwn(SAID, kind) ? SAID[kind] : UNREAD;
  const { tag: language, direction, texts } = await inLanguage();
  // The number at the icon is that of questions alone.
  if (kind === "question_waits") await self.navigator.setAppBadge?.().catch(() => {});
  try {
    await self.registration.showNotification(texts[title], {
      body: texts[body],
      lang: language,
      dir: direction,
      // The next of its kind takes its place, and is heard again.
      tag: `iampass-${kind}`,
      renotify: !isQuiet,
      silent: isQuiet,
      requireInteraction: kind === "question_waits",
      data: { kind },
    });
  } finally {
    // A page closes the notification of a question that is over. So it is told when that is shown.
    for (const page of await pages()) page.postMessage({ pushed: kind });
  }
}

// A page that is open is brought to the front, and shows its question instead of what it showed. Of several it is the one that was seen last.
async function clicked(notification) {
  notification.close();
  const [page] = await pages();
  if (!page) return self.clients.openWindow(PAGE);
  page.postMessage({ pushed: String(notification.data?.kind), isTapped: true });
  return page.focus();
}

// The pages of the phone alone: those of the Console are at the same origin. One that a registration link has opened keeps its address here.
async function pages() {
  const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url }) => url.split(/[?#]/)[0] === PAGE || url.startsWith(LINKS));
}

// An operator can have changed the texts, and they are no HTML.
function escaped(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => entities[sign]);
}

async function offline() {
  const { tag, direction, texts } = await inLanguage();
  const said = (name) => escaped(texts[name]);
  const page = `<!doctype html>
<html lang="${tag}" dir="${direction}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${said("offline-title")} · ${said("app-name")}</title>
</head>
<body>
  <main>
    <h1>${said("offline-title")}</h1>
    <p>${said("offline")}</p>
    <p><a href="">${said("offline-again")}</a></p>
  </main>
</body>
</html>`;
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
  };
  return new Response(page, { status: 503, headers });
}

// The texts in the language of the page, as it was shown last; before that in that of the browser. The service puts `LANGUAGES` before this file.
async function inLanguage() {
  // Some browsers never answer when their storage is broken, and a push has to be shown all the same.
  const tooLate = new Promise((resolve) => setTimeout(resolve, KEPT_MS, null));
  const kept = await Promise.race([keptLanguage().catch(() => null), tooLate]);
  const wanted = [kept, ...(self.navigator.languages ?? []).map((tag) => tag.split("-")[0]), Object.keys(LANGUAGES)[0]];
  const tag = wanted.find((tag) => tag !== null && Object.hasOwn(LANGUAGES, tag));
  return { tag, ...LANGUAGES[tag] };
}

// What `shown_language.js` keeps.
async function keptLanguage() {
  const opening = indexedDB.open(`iampass-phone-language:${new URL(".", self.location).pathname}`, 1);
  // The page makes it.
  opening.onupgradeneeded = () => opening.transaction.abort();
  const database = await resultOf(opening);
  try {
    return (await resultOf(database.transaction("language").objectStore("language").get("shown"))) ?? null;
  } finally {
    database.close();
  }
}

function resultOf(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
