// The way back to a sign-in page in this very browser that has led here by a link.
//
// An answer by a link counts only when this browser has gone back, and only if the sign-in was begun in it. So a link that somebody else has sent lets
// nobody in.

import { takesCodes } from "./bringing.js";
import { text } from "./texts.js";

/** What to say where nobody can answer: title and text. */
export function nobodyHere() {
  return [text("bring-nobody-here-title"), text("bring-nobody-here")];
}

/** What to say where several can. */
export function whoSignsIn() {
  return [text("which-title"), text("which-below")];
}

/** The users who can answer by a link: only a phone's own key counts. */
export function able(users) {
  return users.filter((user) => user.record.deviceKey && takesCodes(user));
}

/** Goes back to the page that the service names, as the application has told it. Gives whether it does. */
export function goBack(address) {
  if (typeof address !== "string" || !URL.canParse(address)) return false;
  const { protocol, hostname, href } = new URL(address);
  const isHere = hostname === "localhost" || hostname.endsWith(".localhost") || /^127\.|^\[::1\]$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isHere)) return false;
  location.replace(href);
  return true;
}
