// What the pages of the Console do beyond forms and links. Everything works without it.

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
      button.textContent = document.body.dataset.copied;
      say(document.body.dataset.copied);
    } catch {
      // No clipboard without TLS, or not allowed: what is selected can be copied by hand.
      select(source);
      say(document.body.dataset.notCopied);
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

const live = document.querySelector("[data-events]");
if (live && "EventSource" in window) new LivePart(live).start();
