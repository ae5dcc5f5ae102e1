// The language that the person has chosen for this page. Without a choice the service takes the one that the browser asks for.
//
// The choice is kept as long as the phone itself. A cookie tells the service of it, which renders the page. Some browsers drop the cookies of a script
// after some days, so the cookie is renewed at each opening.

import { ROOT_PATH } from "./address.js";
import { byId } from "./dom.js";
import { LANGUAGE } from "./texts.js";

const KEY = `iampass-phone:${ROOT_PATH}:language`;
const COOKIE = "iampass-phone-language";
// No language has this tag. It stands where another service at this origin, above this one, has a choice, which is sent here as well. Of several
// cookies of one name the one with the longest path comes first, here and at the service.
const NONE = "-";
// Browsers keep none longer.
const KEPT_SECONDS = 400 * 86_400;

/** Makes the list of languages work, and follows the choice of before. Gives whether the page is loaded again for that. */
export function followChoice() {
  const field = byId("language");
  const chosen = kept();
  field.value = chosen;
  field.addEventListener("change", () => choose(field.value));
  if (chosen === "" && [null, NONE].includes(told())) return false;
  // A language that is not there any more is none of the list.
  if (field.value !== chosen) return false;
  const [tag, before] = [chosen || NONE, told()];
  tell(tag, KEPT_SECONDS);
  // It is loaded again once: a browser that keeps no cookies shows the page as it is.
  const isDue = chosen !== LANGUAGE && before !== tag && told() === tag;
  if (isDue) location.reload();
  return isDue;
}

// Some browsers fill in what was chosen before the page was loaded again, and say that as a choice.
function choose(tag) {
  if (tag === kept()) return;
  if (tag === "") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, tag);
  tell(tag, tag === "" ? 0 : KEPT_SECONDS);
  location.reload();
}

function kept() {
  return localStorage.getItem(KEY) ?? "";
}

function tell(tag, seconds) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${tag}; Path=${ROOT_PATH}; Max-Age=${seconds}; SameSite=Lax${secure}`;
}

// The tag that the service is told, or null.
function told() {
  const named = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${COOKIE}=`));
  return named?.slice(COOKIE.length + 1) ?? null;
}
