//! A tap on an element, again where the page has dropped it.
//!
//! A control that moves or changes its meaning takes no taps for a moment (`steady.js`). On a busy machine that may begin between the driver's look
//! and its tap. A person taps once more then.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::elements::Element;
use serde_json::Value;

use super::Scripts;

/// Notes when a tap reaches the element. One that the page drops does not.
const WATCH: &str = "
    const [element] = arguments;
    window.tapsThatCame ??= new WeakMap();
    if (!window.tapsThatCame.has(element)) element.addEventListener('click', () => window.tapsThatCame.set(element, true));
    window.tapsThatCame.set(element, false);
";
const HAS_COME: &str = "return window.tapsThatCame.get(arguments[0])";

/// How long a tap may be on its way to the page, after the driver has said that it was made.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// Taps, and gives None when the page has dropped the tap, or could not be tapped.
pub(super) async fn tap(page: &Client, scripts: Scripts, element: Element) -> Option<()> {
    // Where the page runs no script, none drops anything, and none is told of the tap.
    if scripts == Scripts::Off {
        return element.click().await.ok();
    }
    let about = serde_json::to_value(&element).ok()?;
    page.execute(WATCH, vec![about.clone()]).await.ok()?;
    element.click().await.ok()?;
    let come = async {
        // An element that is not there any more, with its page or without, has had its tap.
        while matches!(page.execute(HAS_COME, vec![about.clone()]).await, Ok(Value::Bool(false))) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(ON_ITS_WAY, come).await.ok()
}
