//! The files of the page, and the folder in their addresses.

use std::sync::LazyLock;

use base16ct::lower;
use iampass_texts::{OwnTexts, Pages, built_in};
use sha2::{Digest as _, Sha256};

/// A file that the page loads.
pub(super) struct Asset {
    pub(super) name: &'static str,
    pub(super) content_type: &'static str,
    pub(super) bytes: &'static [u8],
}

macro_rules! assets {
    ($content_type:literal: $($folder:literal / $name:literal),+ $(,)?) => {
        &[$(Asset {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../../assets/", $folder, "/", $name)),
        }),+]
    };
}

pub(super) static MODULES: &[Asset] = assets!("text/javascript; charset=utf-8":
    "phone" / "main.js",
    "phone" / "phone.js",
    "phone" / "address.js",
    "phone" / "answered.js",
    "phone" / "api.js",
    "phone" / "bring_flow.js",
    "phone" / "bring_view.js",
    "phone" / "bringing.js",
    "phone" / "clock.js",
    "phone" / "code.js",
    "phone" / "code_view.js",
    "phone" / "codes_offer.js",
    "phone" / "device_key.js",
    "phone" / "dom.js",
    "phone" / "going_back.js",
    "phone" / "here_already.js",
    "phone" / "home_view.js",
    "phone" / "jws.js",
    "phone" / "keyed_records.js",
    "phone" / "shown_language.js",
    "phone" / "language.js",
    "phone" / "leaving.js",
    "phone" / "leaving_view.js",
    "phone" / "notice.js",
    "phone" / "pending.js",
    "phone" / "phones_dialog.js",
    "phone" / "phones_news.js",
    "phone" / "places.js",
    "phone" / "questions.js",
    "phone" / "record_update.js",
    "phone" / "records.js",
    "phone" / "registering.js",
    "phone" / "registration_view.js",
    "phone" / "remove_dialog.js",
    "phone" / "request_view.js",
    "phone" / "scanner.js",
    "phone" / "scanner_dialog.js",
    "phone" / "sessions.js",
    "phone" / "settings.js",
    "phone" / "settings_view.js",
    "phone" / "signals.js",
    "phone" / "signing.js",
    "phone" / "statements.js",
    "phone" / "steady.js",
    "phone" / "subscribing.js",
    "phone" / "texts.js",
    "phone" / "turn.js",
    "phone" / "unlocking.js",
    "phone" / "waiting_view.js",
    "phone" / "webauthn.js",
    "phone" / "which_user.js",
    "phone" / "why.js",
    "phone" / "words.js",
);
/// The scripts that run beside the page. The page loads them when the scanner is opened.
pub(super) static WORKERS: &[Asset] = assets!("text/javascript; charset=utf-8":
    "phone" / "scan_worker.js",
    "phone/vendor/jsqr" / "jsQR.js",
);
pub(super) static STYLES: &[Asset] =
    assets!("text/css; charset=utf-8": "style" / "tokens.css", "style" / "phone.css");
pub(super) static ICONS: &[Asset] = assets!("image/svg+xml": "phone" / "icon.svg");
/// As launchers of apps want them.
pub(super) static PICTURES: &[Asset] = assets!("image/png":
    "phone/icons" / "icon-192.png",
    "phone/icons" / "icon-512.png",
    "phone/icons" / "maskable-512.png",
    "phone/icons" / "apple-touch-180.png",
);
/// The page as an app, but for its name in each language.
pub(super) static MANIFEST: &str = include_str!("../../assets/phone/phone.webmanifest");
/// The page, with the names of its texts in their place.
pub(super) static PAGE: &str = include_str!("../../assets/phone/phone.html");
/// The page at the root of the service.
pub(super) static FRONT: &str = include_str!("../../assets/phone/front.html");
/// The worker that is woken by pushes. Browsers know it by its address, which is the same in every release.
pub(super) static PUSH_WORKER: &str = include_str!("../../assets/phone/worker.js");

/// All that lie in the folder of the release.
pub(super) fn all_assets() -> impl Iterator<Item = &'static Asset> {
    [MODULES, WORKERS, STYLES, ICONS, PICTURES].into_iter().flatten()
}

/// The hash of all files together. It is a folder in their addresses, so that the modules, which import each other by relative names,
/// need no rewriting and never mix with those of another release.
pub(super) static RELEASE: LazyLock<String> = LazyLock::new(|| release(&OwnTexts::default()));

/// The same for pages with texts of the operator's own.
pub(super) fn release(own: &OwnTexts) -> String {
    let mut hash = Sha256::new();
    // The manifest has texts in it.
    let texts = built_in::LANGUAGES.into_iter().flat_map(|tag| {
        let own = own.file(Pages::Phone, tag).map(|file| ("own", file));
        let built_in = built_in::phone(tag).map(|file| (tag, file));
        built_in.into_iter().chain(own).map(|(name, file)| (name, file.as_bytes()))
    });
    let named = all_assets().map(|asset| (asset.name, asset.bytes));
    for (name, bytes) in named.chain([("manifest", MANIFEST.as_bytes())]).chain(texts) {
        hash.update(name);
        hash.update([0]);
        hash.update(bytes.len().to_be_bytes());
        hash.update(bytes);
    }
    lower::encode_string(hash.finalize().get(..8).unwrap_or_default())
}
