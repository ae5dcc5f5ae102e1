// What each of our pages does, and which this is. On a page of the application itself only its session is watched. It is the last of the
// files.

const session = document.currentScript.dataset;
const main = document.querySelector("main[data-login]");
if (main) bePage(main);
if (main?.dataset.login === "wait") waitForPhone(main);
if (main?.dataset.login === "code") offerCode(main);
if (main?.dataset.login === "enrol") waitForRegistration(main);
if (session.sessionEvents) watchSession(session);

// How the browser writes times in the language of the page: for English as spoken where the user is. Digits are those of the rest of the page.
function pageLocale() {
  const lang = document.documentElement.lang;
  const own = (navigator.languages ?? []).find((one) => one.split("-")[0] === lang.split("-")[0]);
  try {
    return new Intl.Locale(own ?? lang, { numberingSystem: "latn" });
  } catch {
    return undefined;
  }
}

function bePage(main) {
  // Older browsers put the focus into fields only. The others have done it by then.
  addEventListener("load", () => {
    requestAnimationFrame(() => {
      const first = main.querySelector("[autofocus]");
      const isElsewhere = document.querySelector(":target") !== null;
      if (first && document.activeElement === document.body && !isElsewhere) first.focus({ preventScroll: true });
    });
  });

  keepPlace(main);

  // The exact time as the user writes it.
  for (const time of main.querySelectorAll("time[datetime]")) {
    time.title = new Date(time.dateTime).toLocaleString(pageLocale(), { dateStyle: "medium", timeStyle: "short" });
  }

  // A form that is on its way is not sent again by a second tap.
  for (const button of main.querySelectorAll("button[data-busy]")) {
    // Its parts: one may be for phones, and one for others.
    const label = [...button.childNodes];
    button.form.addEventListener("submit", (event) => {
      if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.busy;
    });
    addEventListener("pageshow", () => {
      button.removeAttribute("aria-disabled");
      button.replaceChildren(...label);
    });
  }
}

// The place within the page that the login goes on to (`#comments`) is in this page's address: browsers keep it when they are led on, but
// not when a form is sent or a link is followed.
function keepPlace(main) {
  const isOurs = location.hash.length > 1 && document.querySelector(":target") === null;
  if (!isOurs) return;
  for (const form of main.querySelectorAll("form")) {
    if (form.elements.namedItem("return_to")) form.action += location.hash;
  }
  for (const link of document.querySelectorAll("nav a")) {
    if (link.pathname.endsWith("/login")) link.hash = location.hash;
  }
}
