// Looks through the camera for a QR code. The picture is looked at here, in a worker, and goes nowhere.
//
// Belongs here: camera, worker and the pictures between them. The dialog is in `scanner_dialog.js`.

import { text } from "./texts.js";

// A code that fills the picture is read at this size; a larger one takes longer and reads no better.
const LONGEST_SIDE = 640;
// Most pictures are looked at in half that size, which reads all codes that fill half of the picture. A noisy picture takes a slow phone a second
// and more at its full size, and hardly any time at half of it.
const QUICK_SIDE = 320;
// A look at the full size is followed by quick ones for so many times as long as it took, and for this long at the beginning.
const QUICK_TIMES = 3;
const QUICK_FIRST_MS = 300;
const WANTED = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
const PAUSE_MS = 60;

/** Why there is no picture, for a person. */
export class NoPicture extends Error {}

/** One look through the camera. */
export class Scanner {
  #video;
  #onText;
  #onBroken;
  #stream = null;
  #worker = null;
  #canvas = document.createElement("canvas");
  #isStopped = false;
  #timer = null;
  #thoroughFrom = 0;
  // The look that the worker is at: when it began, and whether it is one at the full size.
  #current = { since: 0, isThorough: false };

  /** `onText(text)` is told each code that is read, until it is stopped. `onBroken(error)`: there will be no more. */
  constructor(video, { onText, onBroken }) {
    this.#video = video;
    this.#onText = onText;
    this.#onBroken = onBroken;
  }

  /** Begins. Ends when there is a picture; throws `NoPicture`. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new NoPicture(text("camera-missing"));
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
    } catch (error) {
      throw new NoPicture(whyNoPicture(error), { cause: error });
    }
    if (this.#isStopped) return end(stream);
    this.#stream = stream;
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => this.#break(text("camera-gone")));
    }
    this.#video.srcObject = stream;
    await this.#video.play().catch(() => {});
    if (this.#isStopped) return;
    this.#worker = new Worker(new URL("scan_worker.js", import.meta.url));
    this.#worker.addEventListener("error", () => this.#break(text("camera-no-reader")));
    this.#worker.addEventListener("message", ({ data }) => this.#looked(data));
    this.#thoroughFrom = performance.now() + QUICK_FIRST_MS;
    this.#look();
  }

  /** Ends it: the camera is let go. */
  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#video.srcObject = null;
    if (this.#stream) end(this.#stream);
  }

  #break(why) {
    if (this.#isStopped) return;
    this.stop();
    this.#onBroken(new NoPicture(why));
  }

  // One picture at a time: the next is taken when the worker has looked at the one before.
  #look() {
    if (this.#isStopped) return;
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0 || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return this.#lookLater();
    const since = performance.now();
    const isThorough = since >= this.#thoroughFrom;
    this.#current = { since, isThorough };
    const scale = Math.min(1, (isThorough ? LONGEST_SIDE : QUICK_SIDE) / Math.max(videoWidth, videoHeight));
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    Object.assign(this.#canvas, { width, height });
    const picture = this.#canvas.getContext("2d", { willReadFrequently: true });
    picture.drawImage(this.#video, 0, 0, width, height);
    const { buffer } = picture.getImageData(0, 0, width, height).data;
    this.#worker.postMessage({ buffer, width, height }, [buffer]);
  }

  #looked(found) {
    if (this.#isStopped) return;
    const { since, isThorough } = this.#current;
    const now = performance.now();
    if (isThorough) this.#thoroughFrom = now + (now - since) * QUICK_TIMES;
    if (found) this.#onText(found);
    this.#lookLater();
  }

  #lookLater() {
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#look(), PAUSE_MS);
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function whyNoPicture(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") {
    return text("camera-denied");
  }
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return text("camera-none");
  if (error.name === "NotReadableError") return text("camera-busy");
  return text("camera-broken");
}
