//! The phone's page on a phone of 2021: its thread is slower than that of this machine by [`SLOWER`].
//!
//! Belongs here: how it is measured. Does not belong here: how much is good enough.

use std::time::Duration;

use serde_json::Value;

use crate::browser::Browser;
use crate::programs::Failure;

/// A phone of 2021 beside a computer, as the developer tools of Chromium have it.
pub const SLOWER: f64 = 6.0;

/// Notes when the question was first drawn, in milliseconds since the page was asked for.
const WATCH_QUESTION: &str = "
    const look = () => {
        const question = document.getElementById('request');
        if (question && !question.hidden && question.getBoundingClientRect().height > 0) window.shownAt = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
";

/// Has the scanner's worker run on the page's own thread, which alone is slowed down, and notes when it has looked at each picture. So it is
/// measured as on a phone with one slow core for everything.
const ON_ONE_THREAD: &str = "
    window.looks = [];
    window.Worker = class extends EventTarget {
        #own = new EventTarget();
        #ready;
        constructor(address) {
            super();
            this.#own.postMessage = (data) => {
                window.looks.push(performance.now());
                this.dispatchEvent(new MessageEvent('message', { data }));
            };
            this.#ready = this.#load(new URL(address, location.href));
        }
        async #load(address) {
            const source = async (file) => (await fetch(new URL(file, address))).text();
            new Function('self', await source('jsQR.js'))(this.#own);
            new Function('self', 'importScripts', await source(address))(this.#own, () => {});
        }
        async postMessage(data) {
            await this.#ready;
            setTimeout(() => this.#own.dispatchEvent(new MessageEvent('message', { data })));
        }
        terminate() {}
    };
";

/// A loop of a fixed length, in milliseconds.
const WORK: &str = "
    const done = arguments[0];
    const begun = performance.now();
    let sum = 0;
    for (let at = 0; at < 4e6; at += 1) sum = (sum + at * 7) % 1000003;
    done(performance.now() - begun + sum * 0);
";

/// Slows the page's thread down, and gives how much slower it is by a loop that takes a while. Its page must be open.
///
/// On a machine that is busy the browser may get no time to slow anything down, so it is tried again for a while. The factor that it gives is then the
/// one that was reached last.
///
/// # Errors
/// When the browser does not.
pub async fn slow_down(browser: &Browser) -> Result<f64, Failure> {
    const TRIES: usize = 40;
    // The first ones warm up.
    let mut before = shortest(browser).await?;
    let mut slower = 1.0;
    for _ in 0..TRIES {
        browser.slow_down(1.0).await?;
        before = before.min(shortest(browser).await?);
        browser.slow_down(SLOWER).await?;
        slower = shortest(browser).await? / before;
        if slower > SLOWER / 2.0 {
            break;
        }
    }
    Ok(slower)
}

/// The shortest time of several that the loop takes: other programs have this machine's time as well.
async fn shortest(browser: &Browser) -> Result<f64, Failure> {
    let mut shortest = f64::INFINITY;
    for _ in 0..8 {
        shortest = shortest.min(number(&browser.run(WORK, Vec::new()).await?)?);
    }
    Ok(shortest)
}

/// Opens the phone's page, where a question waits for a user that it has: how long it takes until the question is drawn.
///
/// # Errors
/// When it is not drawn within a minute.
pub async fn question_after_opening(browser: &Browser, page: &str) -> Result<Duration, Failure> {
    browser.open("about:blank").await?;
    browser.open(page).await?;
    browser.finds("the question is drawn", "return typeof window.shownAt === 'number'").await?;
    let shown = browser.run("arguments[0](window.shownAt)", Vec::new()).await?;
    Ok(Duration::from_secs_f64(number(&shown)? / 1000.0))
}

/// To be called once before the pages are opened that [`question_after_opening`] measures.
///
/// # Errors
/// When the browser does not.
pub async fn watch_question(browser: &Browser) -> Result<(), Failure> {
    browser.run_before_pages(WATCH_QUESTION).await
}

/// To be called before the page is opened whose scanner [`looks_a_second`] measures.
///
/// # Errors
/// When the browser does not.
pub async fn scan_on_one_thread(browser: &Browser) -> Result<(), Failure> {
    browser.ignore_policies().await?;
    browser.run_before_pages(ON_ONE_THREAD).await
}

/// How many pictures a second the scanner looks at that is open in the page, over so many. The first ones warm up.
///
/// # Errors
/// When it does not come so far within a minute.
pub async fn looks_a_second(browser: &Browser, pictures: usize) -> Result<f64, Failure> {
    const WARM: usize = 5;
    let enough = format!("return window.looks.length > {}", WARM + pictures);
    browser.finds("the scanner has looked often enough", &enough).await?;
    let looks = browser.run("arguments[0](window.looks)", Vec::new()).await?;
    let looks = looks.as_array().map(Vec::as_slice).unwrap_or_default();
    let (Some(first), Some(last)) = (looks.get(WARM), looks.get(WARM + pictures)) else {
        return Err("the scanner has noted no pictures".to_owned());
    };
    Ok(pictures as f64 * 1000.0 / (number(last)? - number(first)?))
}

fn number(value: &Value) -> Result<f64, Failure> {
    value.as_f64().ok_or_else(|| format!("this is no number: {value}"))
}
