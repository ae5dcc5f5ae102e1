// What the pages of the Console do beyond forms and links. Everything works without it.
(() => {
  "use strict";

  const say = (text) => {
    const place = document.querySelector("[data-said]");
    if (place) place.textContent = text;
  };

  const textOf = (element) => ("value" in element ? element.value : element.textContent);

  const select = (element) => {
    if ("select" in element) {
      element.select();
      return;
    }
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  for (const button of document.querySelectorAll("[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) continue;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(textOf(source));
        button.textContent = "Copied";
        say("Copied");
      } catch {
        // No clipboard without TLS, or not allowed: what is selected can be copied by hand.
        select(source);
        say("Not copied: the text is selected, copy it by hand.");
      }
      setTimeout(() => {
        button.textContent = label;
      }, 2000);
    });
  }

  for (const field of document.querySelectorAll("input.code[readonly]")) {
    field.addEventListener("focus", () => field.select());
  }

  // A form that does something once is sent once, however often its button is pressed.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // A part of a page that changes by itself. The service says when; the page is asked for anew, as by loading it.
  const live = document.querySelector("[data-events]");
  if (live && "EventSource" in window) {
    let loading = false;
    let again = false;

    const renew = async () => {
      if (loading) {
        again = true;
        return;
      }
      loading = true;
      try {
        const answer = await fetch(location.href, { redirect: "error", cache: "no-store" });
        const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
        const fresh = page.querySelector("[data-events]");
        if (fresh) {
          const focused = live.contains(document.activeElement) && document.activeElement.getAttribute("href");
          live.replaceChildren(...fresh.childNodes);
          if (focused) {
            for (const link of live.querySelectorAll("a[href]")) {
              if (link.getAttribute("href") === focused) link.focus();
            }
          }
        }
      } catch {
        // Signed out, or cut off: what is shown stays, and loading the page says what it is.
      }
      loading = false;
      if (again) {
        again = false;
        renew();
      }
    };

    const events = new EventSource(live.dataset.events);
    const isOnce = !live.classList.contains("live");
    if (!isOnce) {
      events.addEventListener("changed", renew);
      events.addEventListener("registered", renew);
    } else if (live.dataset.then) {
      events.addEventListener("registered", () => location.assign(live.dataset.then));
    }
    addEventListener("pagehide", () => events.close());
  }
})();
