// Compact JWS by the device key (RFC 7515, ES256).
//
// Belongs here: how one is made. Its claims are made in `statements.js`.

import { signBytes } from "./device_key.js";

const encoder = new TextEncoder();

/** The compact form of these claims, signed. `type` is the header's `typ`. */
export async function signedCompact(privateKey, type, claims) {
  const header = { alg: "ES256", typ: type };
  const signed = [header, claims].map((part) => base64url(encoder.encode(JSON.stringify(part)))).join(".");
  return `${signed}.${base64url(await signBytes(privateKey, encoder.encode(signed)))}`;
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
