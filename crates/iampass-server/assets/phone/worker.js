// The worker of the phone's page. It is woken by pushes, also while the page is closed, shows each, and leads to the page.
//
// A push holds its kind alone. The worker asks nobody for more, keeps nothing and caches nothing: the page asks the service, with the keys that it
// has. It is one file at an address that does not change, since browsers know it by that.

const PAGE = new URL("phone", self.location).href;
const LINKS = new URL("r/", self.location).href;

// `isQuiet`: it is news, and nothing that waits for an answer.
const SAID = {
  question_waits: {
    title: "A sign-in waits for your answer",
    body: "Open it to see who asks. If you did not begin to sign in just now, deny it.",
    isQuiet: false,
  },
  session_changed: {
    title: "One of your sessions has changed",
    body: "It has ended, or is locked or open again. Open the phone to see which are active.",
    isQuiet: true,
  },
  test: {
    title: "This phone can be woken",
    body: "A test has arrived. Nothing waits for an answer.",
    isQuiet: false,
  },
};
// A push that cannot be read is shown all the same: a browser takes the subscription of a page away that shows nothing.
const UNREAD = {
  title: "Something waits on your phone",
  body: "Open it to see what it is.",
  isQuiet: false,
};

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

// A page that is open is brought to the front. Its question is there already, or comes with its next look.
async function clicked(notification) {
  notification.close();
  const [page] = await pages();
  if (!page) return self.clients.openWindow(PAGE);
  page.postMessage({ pushed: String(notification.data?.kind) });
  return page.focus();
}

// The pages of the phone alone: those of the Console are at the same origin. One that a registration link has opened keeps its address here.
async function pages() {
  const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url }) => url.split(/[?#]/)[0] === PAGE || url.startsWith(LINKS));
}

function offline() {
  const text = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>No connection · IAMPASS phone</title>
</head>
<body>
  <main>
    <h1>No connection</h1>
    <p>This phone asks the service for what waits, and cannot reach it now. Check the connection.</p>
    <p><a href="">Try again</a></p>
  </main>
</body>
</html>`;
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
  };
  return new Response(text, { status: 503, headers });
}
