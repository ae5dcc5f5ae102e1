// The page that registers a phone: goes on by itself, and copies the link.

function waitForRegistration(main) {
  const said = main.dataset;
  const follower = new Follower({
    events: said.events,
    state: said.state,
    askMs: WAIT_ASK_MS,
    names: ["moved"],
    restsUnseen: true,
    read: (state) => (state.moved === true ? "moved" : null),
    onWord() {
      follower.stop();
      location.replace(said.next);
    },
    onContact() {},
  });
  addEventListener("pagehide", () => follower.stop());
  addEventListener("pageshow", (event) => event.persisted && location.replace(said.next));
  follower.start();
  prepareCopy(said);
}

function prepareCopy(said) {
  const button = document.getElementById("copy");
  const link = document.getElementById("link");
  if (!button || !navigator.clipboard) return;
  const live = document.getElementById("live");
  const label = button.textContent;
  let timer = 0;
  button.hidden = false;
  button.addEventListener("click", async () => {
    clearTimeout(timer);
    // Said twice, it is read out twice only if it was another text in between.
    live.textContent = "";
    try {
      await navigator.clipboard.writeText(link.value);
      button.textContent = said.copied;
      live.textContent = said.copied;
    } catch {
      link.select();
      live.textContent = said.copyFailed;
    }
    timer = setTimeout(() => {
      button.textContent = label;
    }, 3000);
  });
}
