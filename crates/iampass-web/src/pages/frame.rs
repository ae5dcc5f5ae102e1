//! The frame around every page, and the tag of the script. Belongs here: what all pages share. Does not belong here: markup (`templates/`), and
//! what each page shows ([`super::templates`]).

use askama::Template;

use super::wording::filled;
use super::{Assets, PageContext, Texts};

/// A string is written to, so only a text that cannot be shown could make it fail, and there is none.
pub(super) fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

/// The frame around every page.
pub(super) struct Frame<'a> {
    pub(super) site: &'a PageContext,
    /// The title of the tab.
    pub(super) title: String,
    pub(super) css: String,
    /// The script tag.
    pub(super) script: String,
}

impl<'a> Frame<'a> {
    pub(super) fn new(site: &'a PageContext, title: &str) -> Self {
        let script = Script { src: site.links.asset(Assets::script_name()), session: None };
        Self::with_script(site, title, &script)
    }

    /// Of a page that only a logged-in user sees.
    pub(super) fn watched(site: &'a PageContext, title: &str) -> Self {
        Self::with_script(site, title, &Script::watching(site, false))
    }

    pub(super) fn with_script(site: &'a PageContext, title: &str, script: &Script<'a>) -> Self {
        let title =
            filled(&site.texts.tab_title, &[("page", &said(site, title)), ("application", &site.name)]);
        Self { site, title, css: site.links.asset(Assets::css_name()), script: rendered(script) }
    }

    pub(super) fn texts(&self) -> &'a Texts {
        &self.site.texts
    }

    /// The link that chooses a language. Without a place to go on to it leads back to the list of sessions.
    pub(super) fn language_link(&self, tag: &str, return_to: &str) -> String {
        self.site.links.language_to(tag, Some(return_to).filter(|place| !place.is_empty()))
    }

    /// A text in which the application may be named.
    pub(super) fn said(&self, text: &str) -> String {
        said(self.site, text)
    }

    /// A text in which a user may be named, too.
    pub(super) fn said_of(&self, name: &str, text: &str) -> String {
        filled(text, &[("application", &self.site.name), ("name", name)])
    }
}

pub(super) fn said(site: &PageContext, text: &str) -> String {
    filled(text, &[("application", &site.name)])
}

#[derive(Template)]
#[template(path = "script.html")]
pub(super) struct Script<'a> {
    src: String,
    session: Option<WatchedSession<'a>>,
}

struct WatchedSession<'a> {
    texts: &'a Texts,
    events: String,
    state: String,
    /// The page is the cover itself: it is loaded anew when the user is back.
    is_cover: bool,
    /// Says who is signed in, on the first page after a login.
    signed_in: Option<String>,
}

impl<'a> Script<'a> {
    pub(super) fn watching(site: &'a PageContext, is_cover: bool) -> Self {
        let session = WatchedSession {
            texts: &site.texts,
            events: site.links.session_events(),
            state: site.links.session_state(),
            is_cover,
            signed_in: None,
        };
        Self { src: site.links.asset(Assets::script_name()), session: Some(session) }
    }
}

pub(super) fn session_script(site: &PageContext, name: Option<&str>) -> String {
    let mut script = Script::watching(site, false);
    if let Some(session) = &mut script.session {
        session.signed_in = name.map(|name| filled(&site.texts.signed_in_as, &[("name", name)]));
    }
    rendered(&script)
}
