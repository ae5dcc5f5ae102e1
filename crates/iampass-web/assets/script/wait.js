// The page that waits for the phone: goes on by itself, and shows the time that is left.

const WAIT_ASK_MS = 2000;
const SOON_OVER_SECONDS = [30, 10];
// What the page says of the phone is believed for so long after it was true at the server. The next question to the phone, of whichever browser,
// is put some seconds later.
const SURE_MS = 7000;

function waitForPhone(main) {
  const said = main.dataset;
  const live = document.getElementById("live");
  const trouble = document.getElementById("trouble");
  const ring = document.getElementById("ring");
  const ringLeft = document.getElementById("ring-left");
  const ringSeconds = document.getElementById("ring-seconds");
  const untilTime = document.getElementById("until");
  if (untilTime) untilTime.textContent = new Date(untilTime.dateTime).toLocaleTimeString(pageLocale());
  const until = Date.now() + Number(said.left) * 1000;
  const all = Math.max(1, Number(said.all)) * 1000;
  let isReachable = true;
  let isInTrouble = !trouble.hidden;
  let shown = Number(said.left);
  let isOver = false;
  // The page itself was asked for when the navigation began.
  let sureAt = Date.now() - performance.now();

  const heading = document.querySelector("h1");
  const lead = document.getElementById("lead");
  const sureTextOf = (element) => (element?.querySelector(".sure") ?? element)?.textContent;
  const sure = { title: document.title, heading: sureTextOf(heading), lead: sureTextOf(lead) };
  // A page that says to accept must not be believed any more when another browser's question may be on the phone.
  const showWhetherSure = () => {
    if (!lead || !said.unsure) return;
    const isSure = !isOver && isReachable && Math.abs(Date.now() - sureAt) <= SURE_MS;
    document.title = isSure ? sure.title : sure.title.replace(sure.heading, said.unsureTitle);
    heading.textContent = isSure ? sure.heading : said.unsureTitle;
    lead.textContent = isSure ? sure.lead : said.unsure;
  };
  // The request to accept goes first: the address says that it is gone, and the server relies on that. Where the address ends with a place within
  // the page that the login goes on to, it is kept, and only a reload asks the server.
  const goOn = () => {
    isOver = true;
    showWhetherSure();
    if (location.hash) location.reload();
    else location.replace(said.next);
  };
  const showTrouble = () => {
    trouble.textContent = isReachable ? said.trouble : said.offline;
    trouble.hidden = isReachable && !isInTrouble;
  };
  const follower = new Follower({
    events: said.events,
    state: said.state,
    askMs: WAIT_ASK_MS,
    names: ["moved", "over", "status", "qr"],
    harmless: ["status", "qr"],
    restsUnseen: true,
    read(state) {
      if (state.qr) showMovingCode(document.getElementById("qr"), state.qr);
      return state.moved === true ? "moved" : null;
    },
    onWord(word, data) {
      if (word === "qr") {
        showMovingCode(document.getElementById("qr"), data);
        return;
      }
      if (word === "moved" || word === "over") {
        follower.stop();
        markSignedIn();
        goOn();
        return;
      }
      const isNow = data === "trouble";
      if (isNow === isInTrouble) return;
      isInTrouble = isNow;
      live.textContent = isNow ? said.trouble : said.troubleOver;
      showTrouble();
    },
    onContact(isNow, trueAt) {
      if (isNow) sureAt = Math.max(sureAt, trueAt);
      if (isNow === isReachable) return showWhetherSure();
      isReachable = isNow;
      showWhetherSure();
      live.textContent = isNow ? said.online : said.offline;
      showTrouble();
    },
  });

  // From now on it takes the place of the style sheet, which counts from the arrival of the page.
  showWhetherSure();
  const tick = () => {
    showWhetherSure();
    const left = Math.max(0, until - Date.now());
    const seconds = Math.ceil(left / 1000);
    ringLeft.setAttribute("stroke-dashoffset", String(100 - Math.min(100, (left / all) * 100)));
    ring.dataset.urgent = String(seconds <= 10);
    if (seconds === shown) return;
    ringSeconds.textContent = said.seconds.replace("{seconds}", String(seconds));
    if (SOON_OVER_SECONDS.some((soon) => seconds <= soon && soon < shown)) {
      live.textContent = said.soonOver.replace("{seconds}", String(seconds));
    }
    shown = seconds;
    // The server says when it is over. If that gets lost, it is asked.
    if (seconds === 0) setInterval(() => follower.askNow(), WAIT_ASK_MS);
  };
  setInterval(tick, 250);
  document.addEventListener("visibilitychange", showWhetherSure);
  // Kept for the back button, it would show what is long over.
  addEventListener("pagehide", () => follower.stop());
  addEventListener("pageshow", (event) => event.persisted && goOn());
  follower.start();
  // A region that is there before its words is read to those who hear the page.
  if (said.code) setTimeout(() => (live.textContent = said.code), 500);
}
