// Looks for a QR code in one picture after the other. It is a worker, for a picture takes so long that the page would not answer to taps.

importScripts("jsQR.js");

self.addEventListener("message", ({ data: { buffer, width, height } }) => {
  self.postMessage(textIn(new Uint8ClampedArray(buffer), width, height));
});

// Codes are dark on light on every page. A picture that the library cannot take is one without a code.
function textIn(pixels, width, height) {
  try {
    return self.jsQR(pixels, width, height, { inversionAttempts: "dontInvert" })?.data ?? null;
  } catch {
    return null;
  }
}
