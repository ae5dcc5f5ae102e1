// Signs a request: "Authentication Protocol 1".
//
// Belongs here: how a signature is made, and nothing else. No state, no clock, no network.

const encoder = new TextEncoder();

// Key and signature are the first 16 bytes of their hashes.
const LENGTH = 16;

/** Whether this browser signs at all: it offers cryptography to secure origins only. */
export function canSign() {
  return globalThis.crypto?.subtle !== undefined;
}

/** 64 random bits, in decimal. A nonce is used for one request only. */
export function freshNonce() {
  return crypto.getRandomValues(new BigUint64Array(1))[0].toString();
}

/** The address with the digest of the body, which a phone signs and fetches where it posts: so the signature covers the body. */
export async function withBodyDigest(url, body) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(body)));
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${url}${url.includes("?") ? "&" : "?"}body_sha256=${hex}`;
}

/**
 * The headers that sign one request.
 *
 * `url` must be, byte for byte, the address that is fetched. Neither method nor body is signed; see `withBodyDigest`.
 */
export async function signedHeaders({ id, secret }, url, seconds, nonce = freshNonce()) {
  const signature = await sign(secret, nonce, signedPart(url), String(seconds));
  return {
    Authentication: `hmac ${id}:${nonce}:${signature}`,
    "X-IAMPASS-Authentication-Timestamp": String(seconds),
    "X-IAMPASS-Authentication-Version": "1",
  };
}

// On each line everything up to and including the last "://" is left out.
function signedPart(url) {
  return url.replace(/[^\n]*:\/\//g, "");
}

async function sign(secret, nonce, part, seconds) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(nonce + secret));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", digest.slice(0, LENGTH), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(nonce + part + seconds));
  return btoa(String.fromCharCode(...new Uint8Array(mac, 0, LENGTH)));
}
