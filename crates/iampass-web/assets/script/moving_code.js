// The QR code of a login without a name: another one each second, drawn by the server. The login page begins such a login while it is seen, and
// takes it back when it is left.

// For so long the page begins anew by itself when the time of a code is up.
const CODE_FOR_MS = 5 * 60_000;

// A code that has not come by then is not waited for: the person gets the button.
const CODE_COMES_MS = 10_000;

function giveUpAfter(ms) {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), ms);
  return giveUp.signal;
}

// `place` is a picture, or holds one. The code is put into an address of a picture, so nothing of it is ever taken for markup.
function showMovingCode(place, svg) {
  if (!place || !/^[A-Za-z0-9+/=]+$/.test(svg)) return;
  let picture = place.tagName === "IMG" ? place : place.querySelector("img");
  if (!picture) {
    picture = new Image(240, 240);
    picture.alt = "";
    place.replaceChildren(picture);
  }
  picture.src = `data:image/svg+xml;base64,${svg}`;
}

function offerCode(main) {
  const said = main.dataset;
  const form = document.getElementById("code-form");
  const button = form.querySelector("button");
  const place = document.getElementById("by-code");
  const picture = document.getElementById("qr");
  const message = document.getElementById("code-said");
  let follower = null;
  let proof = "";
  let isStarting = false;
  // The choice that the browser stays signed in stands by the name, and counts for the code as well.
  const keep = document.getElementById("keep");
  const carried = document.createElement("input");
  let isOutdated = false;
  let offeredAt = Date.now();
  let tooLate;
  // The form itself leads to a page that says why there is no code.
  let hasFailed = false;

  const stop = () => {
    clearTimeout(tooLate);
    follower?.stop();
    follower = null;
  };
  const takeBack = () => {
    stop();
    if (proof) navigator.sendBeacon(said.cancel, new URLSearchParams({ proof }));
    proof = "";
  };
  // A person has to ask for the next one.
  const rest = (text) => {
    stop();
    proof = "";
    place.hidden = true;
    form.hidden = false;
    button.textContent = said.again;
    button.removeAttribute("aria-disabled");
    message.textContent = text;
    message.hidden = false;
  };
  const follow = (login) => {
    proof = login.proof;
    follower = new Follower({
      events: login.events,
      state: login.state,
      askMs: WAIT_ASK_MS,
      names: ["moved", "over", "status", "qr"],
      harmless: ["status", "qr"],
      read(state) {
        if (state.qr) show(state.qr);
        if (state.over === true) return "over";
        return state.moved === true ? "moved" : null;
      },
      onWord(word, data) {
        if (word === "qr") show(data);
        else if (word === "over") anew();
        else if (word === "moved") goOnIfOwn(login);
      },
      onContact() {},
    });
    follower.start();
  };
  const makeRoom = () => {
    place.hidden = false;
    form.hidden = true;
    message.hidden = true;
  };
  const show = (svg) => {
    clearTimeout(tooLate);
    showMovingCode(picture, svg);
    makeRoom();
  };
  // A login page in another tab has begun another one: this page stays where it is, with the place that it is to lead to.
  const goOnIfOwn = async (login) => {
    stop();
    try {
      const state = await (await fetch(login.state, { signal: giveUpAfter(CODE_COMES_MS) })).json();
      if (state.gone === true) return rest(said.gone);
    } catch {
      // The page that it goes on to says what is wrong.
    }
    proof = "";
    markSignedIn();
    location.replace(login.next + location.hash);
  };
  const anew = () => {
    stop();
    if (Date.now() - offeredAt > CODE_FOR_MS) rest(said.over);
    else start();
  };
  const start = async () => {
    if (isStarting || follower) return;
    isStarting = true;
    // The place of the picture is kept before it is there, so that nothing that a person is about to tap moves.
    makeRoom();
    const begunAt = Date.now();
    try {
      const body = new URLSearchParams(new FormData(form));
      const signal = giveUpAfter(CODE_COMES_MS);
      const answer = await fetch(said.start, { method: "POST", body, headers: { accept: "application/json" }, signal });
      if (!answer.ok) throw new Error(String(answer.status));
      follow(await answer.json());
      tooLate = setTimeout(() => {
        hasFailed = true;
        takeBack();
        rest(said.gone);
      }, Math.max(CODE_COMES_MS - (Date.now() - begunAt), 0));
    } catch {
      hasFailed = true;
      rest(said.gone);
    }
    isStarting = false;
    if (isOutdated) startAgain();
  };
  const carry = () => {
    carried.disabled = !keep.checked;
  };
  // A login that was begun keeps the choice with which it was begun.
  const startAgain = () => {
    isOutdated = false;
    if (!follower) return;
    takeBack();
    start();
  };

  if (keep) {
    Object.assign(carried, { type: "hidden", name: "keep", value: "yes" });
    form.append(carried);
    carry();
    const choose = () => {
      carry();
      if (isStarting) isOutdated = true;
      else startAgain();
    };
    keep.addEventListener("change", choose);
    // Browsers fill in what was there before, after this script has read it: a login that was begun meanwhile is of the other choice.
    addEventListener("pageshow", () => carried.disabled === keep.checked && choose());
  }

  // No phone scans its own screen.
  const isPhone = matchMedia("(pointer: coarse) and (max-width: 30rem)").matches;
  const startWhenSeen = () => {
    if (!document.hidden && !follower && !proof && message.hidden && !isPhone) start();
  };
  form.addEventListener("submit", (event) => {
    // There the page that follows leads to IAMPASS in this browser.
    if (isPhone || hasFailed) return;
    event.preventDefault();
    offeredAt = Date.now();
    message.hidden = true;
    start();
  });
  document.addEventListener("visibilitychange", startWhenSeen);
  addEventListener("pagehide", takeBack);
  addEventListener("pageshow", (event) => event.persisted && startWhenSeen());
  startWhenSeen();
}
