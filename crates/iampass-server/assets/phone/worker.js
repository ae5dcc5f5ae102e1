// The worker of the phone's page. It is woken by pushes, also while the page is closed, shows each, and leads to the page.
//
// A push holds its kind alone. The worker asks nobody for more, keeps nothing and caches nothing: the page asks the service, with the keys that it
// has. It is one file at an address that does not change, since browsers know it by that. The page's language stands in its query.

const PAGE = new URL("phone", self.location).href;
const LINKS = new URL("r/", self.location).href;

// The service puts the texts before this file, in the language that the page has named: `LANGUAGE`, `DIRECTION` and `TEXTS`.
const text = (id) => TEXTS[id];

// `isQuiet`: it is news, and nothing that waits for an answer.
const SAID = {
  question_waits: { title: text("push-question-title"), body: text("push-question"), isQuiet: false },
  session_changed: { title: text("push-session-title"), body: text("push-session"), isQuiet: true },
  test: { title: text("push-test-title"), body: text("push-test"), isQuiet: false },
};
// A push that cannot be read is shown all the same: a browser takes the subscription of a page away that shows nothing.
const UNREAD = { title: text("push-unread-title"), body: text("push-unread"), isQuiet: false };

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
  // The number at the icon is that of questions alone.
  if (kind === "question_waits") await self.navigator.setAppBadge?.().catch(() => {});
  try {
    await self.registration.showNotification(title, {
      body,
      lang: LANGUAGE,
      dir: DIRECTION,
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

function offline() {
  const page = `<!doctype html>
<html lang="${LANGUAGE}" dir="${DIRECTION}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${text("offline-title")} · ${text("app-name")}</title>
</head>
<body>
  <main>
    <h1>${text("offline-title")}</h1>
    <p>${text("offline")}</p>
    <p><a href="">${text("offline-again")}</a></p>
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
