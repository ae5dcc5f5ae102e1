// Shows what the camera sees until a code of this service is found.

import { SERVICE_HOST } from "./address.js";
import { scanIn } from "./code.js";
import { byId, onTap, setText, show } from "./dom.js";
import { Scanner } from "./scanner.js";
import { text } from "./texts.js";

/** What a scan looks for: `read(text)` gives it or null. */
const SIGN_IN = {
  read: scanIn,
  looking: text("scanner-looking"),
  wrong: text("scanner-wrong", { host: SERVICE_HOST }),
  instead: text("scanner-instead"),
};

/** The dialog. One scan at a time. */
export class ScannerDialog {
  #scanner = null;
  #found = null;
  #wanted = SIGN_IN;

  constructor() {
    const dialog = byId("scanner");
    onTap(byId("scanner-stop"), () => dialog.close());
    dialog.addEventListener("close", () => this.#end());
    document.addEventListener("visibilitychange", () => document.hidden && this.close());
    window.addEventListener("pagehide", () => this.close());
  }

  /** Ends it without a code. */
  close() {
    if (byId("scanner").open) byId("scanner").close();
  }

  /**
   * Opens it, and says this. Gives what was scanned, the secret of a sign-in page unless said otherwise; null when the person stopped it or
   * there is no camera.
   */
  async scan(wanted = SIGN_IN, said = wanted.looking) {
    const dialog = byId("scanner");
    if (dialog.open) return null;
    this.#found = null;
    this.#wanted = wanted;
    this.#say(said);
    setText(byId("scanner-stop"), text("scanner-stop"));
    show(byId("scanner-view"), true);
    dialog.showModal();
    const closed = new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    const scanner = new Scanner(byId("scanner-video"), {
      onText: (read) => this.#read(read),
      onBroken: (error) => this.#fail(error),
    });
    this.#scanner = scanner;
    // A camera may be refused after the scan was stopped, when there is another one already.
    scanner.start().catch((error) => this.#scanner === scanner && this.#fail(error));
    await closed;
    return this.#found;
  }

  #read(read) {
    const found = this.#wanted.read(read);
    if (!found) {
      this.#say(this.#wanted.wrong);
      return;
    }
    this.#found = found;
    byId("scanner").close();
  }

  #fail(error) {
    this.#scanner?.stop();
    show(byId("scanner-view"), false);
    setText(byId("scanner-stop"), text("phones-close"));
    this.#say(`${error.message} ${this.#wanted.instead}`);
  }

  #end() {
    this.#scanner?.stop();
    this.#scanner = null;
  }

  #say(said) {
    setText(byId("scanner-text"), said);
  }
}
