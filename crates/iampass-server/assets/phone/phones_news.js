// What has changed about the phones of a user since this one was told last, as a sentence for each change.
//
// A thief who adds a phone must not go unnoticed. So the last number that was shown is kept with the record, and what happened while the page was
// closed is told at its next opening.

import { call } from "./api.js";
import { changeRecord, signerOf, userName } from "./records.js";
import { text } from "./texts.js";

// News that could not be read are read again after so long.
const AGAIN_MS = 30_000;

const SENTENCES = {
  waits: "news-waits",
  confirmed: "news-confirmed",
  recovered: "news-recovered",
  registered: "news-registered",
  removed: "news-removed",
  codes_made: "news-codes-made",
  link_made: "news-link-made",
};

/** Tells the news of phones. They count as read when a person has had the time for it. */
export class PhonesNews {
  #notice;
  // The number up to which each record was told in this page, and its telling that is under way.
  #told = new WeakMap();
  #telling = new WeakMap();
  // What waits to be read again.
  #again = new WeakMap();
  // The numbers that nobody could see yet.
  #unseen = new Map();
  #stops = 0;

  constructor(notice) {
    this.#notice = notice;
  }

  /** Tells what has happened up to `number`. One follows the other, so that none is told twice. A phone that asks for the first time has no news. */
  changed(record, number) {
    const before = this.#telling.get(record) ?? Promise.resolve();
    const stops = this.#stops;
    const telling = before
      .then(() => this.#tell(record, number))
      .catch((error) => {
        console.warn("the news of the phones were not read", error);
        if (error.isForgotten) return;
        // The watch tells of a number once.
        clearTimeout(this.#again.get(record));
        this.#again.set(record, setTimeout(() => stops === this.#stops && this.changed(record, number), AGAIN_MS));
      });
    this.#telling.set(record, telling);
  }

  /** Another tab tells from now on. */
  stop() {
    this.#stops += 1;
    this.#unseen.clear();
  }

  async #tell(record, number) {
    const [seen, stops] = [this.#told.get(record) ?? record.phonesSeen, this.#stops];
    const address = record.service.service_urls.phones;
    const isFirst = seen === undefined;
    const events = isFirst || !address ? [] : (await call("GET", address, signerOf(record))).events;
    if (stops !== this.#stops) return;
    const last = Math.max(number, ...events.map((event) => event.number));
    this.#told.set(record, last);
    const news = sentences(record, events.filter((event) => event.number > seen));
    if (news) this.#notice.addNews(text("news-title", { user: userName(record) }), news);
    this.#unseen.set(record, last);
    await this.markSeen();
  }

  /** Keeps what a person has had the time to read. To be called again and again. */
  async markSeen() {
    if (this.#unseen.size === 0 || !this.#notice.areNewsRead()) return;
    const seen = [...this.#unseen];
    this.#unseen.clear();
    for (const [record, number] of seen) {
      record.phonesSeen = number;
      await changeRecord(record).catch((error) => console.warn("the news are told again at the next opening", error));
    }
  }
}

function sentences(record, events) {
  // What this phone has done itself is no news to its person.
  const news = events.filter(({ phone_id, event }) => phone_id !== record.device.device_id && Object.hasOwn(SENTENCES, event));
  return news.map(({ event, name }) => text(SENTENCES[event], { phone: name || text("news-nameless") })).join(" ");
}
