//! [`Frame`]: what stands around every page, and how a page is answered.
//!
//! Belongs here: title, navigation, notices, headers. Does not belong here: what a page shows, and its texts ([`super::frame_texts`]).

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, StatusCode};
use iampass_web::pages::{LanguageChoice, Links, session_script};

use super::access::{InApplication, SignedIn, Visitor};
use super::assets;
use super::moment::Moment;
use super::page_error::PageError;
use super::speech::{Speech, isolated, page_asked};
use super::state::Console;
use iampass_core::UnixSeconds;

/// The permissions of a page: nothing from elsewhere, and no script or style that stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// A page of an application, for its navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Users,
    Sessions,
    History,
    Snippets,
    Settings,
    Members,
    Messages,
    Pushes,
    Events,
    Log,
}

impl Tab {
    /// In the order of the navigation. Every page is added here.
    const ALL: &[Self] = &[
        Self::Overview,
        Self::Users,
        Self::Sessions,
        Self::History,
        Self::Snippets,
        Self::Settings,
        Self::Members,
        Self::Messages,
        Self::Pushes,
        Self::Events,
        Self::Log,
    ];

    /// The name of its text.
    const fn label(self) -> &'static str {
        match self {
            Self::Overview => "tab-overview",
            Self::Users => "tab-users",
            Self::Sessions => "tab-sessions",
            Self::History => "tab-history",
            Self::Snippets => "tab-snippets",
            Self::Settings => "tab-settings",
            Self::Members => "tab-members",
            Self::Messages => "tab-messages",
            Self::Pushes => "tab-pushes",
            Self::Events => "tab-events",
            Self::Log => "tab-log",
        }
    }

    /// Below the application's own path.
    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Users => "/users",
            Self::Sessions => "/sessions",
            Self::History => "/history",
            Self::Snippets => "/snippets",
            Self::Settings => "/settings",
            Self::Members => "/members",
            Self::Messages => "/messages",
            Self::Pushes => "/pushes",
            Self::Events => "/events",
            Self::Log => "/log",
        }
    }
}

/// The entry of the navigation that is marked as the page shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Applications,
    Accounts,
    Keys,
    Service,
    Account,
    In(Tab),
    Elsewhere,
}

/// A link of the navigation.
pub(super) struct Item {
    pub(super) label: String,
    pub(super) address: String,
    pub(super) is_current: bool,
}

/// A language to choose.
pub(super) struct Choice {
    pub(super) tag: String,
    pub(super) direction: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) is_current: bool,
}

/// The frame around every page.
pub(super) struct Frame {
    pub(super) title: String,
    /// The prefix of the addresses of all pages.
    pub(super) base: String,
    pub(super) links: Links,
    /// The account that is signed in.
    pub(super) account: Option<String>,
    pub(super) application: Option<NamedApplication>,
    /// The action that was just done.
    pub(super) notice: Option<&'static str>,
    session_script: String,
    is_administrator: bool,
    here: Here,
    now: UnixSeconds,
    /// The language of the page.
    pub(super) speech: Arc<Speech>,
    /// Empty on a page that cannot be loaded again.
    languages: Vec<Choice>,
}

/// The application that a page is about.
pub(super) struct NamedApplication {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_disabled: bool,
}

impl Frame {
    /// Of a page that has nothing to do with who looks at it. `title` is the name of a text.
    pub(super) fn plain(console: &Console, title: &'static str) -> Self {
        let now = console.now();
        let speech = Speech::asked();
        Self {
            title: speech.t(title).to_owned(),
            base: console.base(),
            links: console.login().page_context().links.clone(),
            account: None,
            application: None,
            notice: None,
            session_script: String::new(),
            is_administrator: false,
            here: Here::Elsewhere,
            now,
            languages: choices(console, &speech),
            speech,
        }
    }

    /// Of a page in English that nobody has asked for.
    #[cfg(test)]
    pub(super) fn for_tests(now: UnixSeconds) -> Self {
        Self {
            title: "Title".to_owned(),
            base: "/console".to_owned(),
            links: Links { mount_path: "/console/auth".to_owned() },
            account: None,
            application: None,
            notice: None,
            session_script: String::new(),
            is_administrator: false,
            here: Here::Elsewhere,
            now,
            languages: Vec::new(),
            speech: Speech::english(),
        }
    }

    pub(super) fn speech(&self) -> &Speech {
        &self.speech
    }

    pub(super) fn languages(&self) -> &[Choice] {
        &self.languages
    }

    /// Of a page for somebody who is signed in.
    pub(super) fn new(console: &Console, account: &SignedIn, title: &'static str, here: Here) -> Self {
        Self {
            account: Some(account.account().name.clone()),
            session_script: session_script(console.login().page_context_in(Speech::asked().tag())),
            is_administrator: account.account().is_administrator,
            here,
            ..Self::plain(console, title)
        }
    }

    /// Of a page for everybody.
    pub(super) fn of_visitor(console: &Console, visitor: &Visitor, title: &'static str) -> Self {
        match visitor.signed_in() {
            Some(account) => Self::new(console, account, title, Here::Elsewhere),
            None => Self::plain(console, title),
        }
    }

    /// Of a page of an application.
    pub(super) fn in_application(
        console: &Console,
        here: &InApplication,
        title: &'static str,
        tab: Tab,
    ) -> Self {
        let application = here.application();
        let named = NamedApplication {
            id: application.id.clone(),
            name: application.name.clone(),
            is_disabled: application.disabled_at.is_some(),
        };
        Self { application: Some(named), ..Self::new(console, &here.account, title, Here::In(tab)) }
    }

    /// The same with a notice of what was just done.
    pub(super) fn with_notice(self, notice: Option<&'static str>) -> Self {
        Self { notice, ..self }
    }

    /// A time, seen from now.
    pub(super) fn moment(&self, at: UnixSeconds) -> Moment {
        Moment::new(at, self.now, Arc::clone(&self.speech))
    }

    /// The path of the application that the page is about, and of everything that belongs to it.
    pub(super) fn in_it(&self) -> String {
        match &self.application {
            Some(application) => format!("{}/applications/{}", self.base, application.id),
            None => self.base.clone(),
        }
    }

    pub(super) fn items(&self) -> Vec<Item> {
        let item = |label: &str, path: &str, here| Item {
            label: self.t(label).to_owned(),
            address: format!("{}{path}", self.base),
            is_current: self.here == here,
        };
        let mut items = vec![item("applications", "", Here::Applications)];
        if self.is_administrator {
            items.push(item("accounts", "/accounts", Here::Accounts));
            items.push(item("admin-keys", "/keys", Here::Keys));
            items.push(item("service", "/service", Here::Service));
        }
        items.push(item("your-account", "/account", Here::Account));
        items
    }

    pub(super) fn tabs(&self) -> Vec<Item> {
        let in_it = self.in_it();
        let tab = |tab: &Tab| Item {
            label: self.t(tab.label()).to_owned(),
            address: format!("{in_it}{}", tab.path()),
            is_current: self.here == Here::In(*tab),
        };
        Tab::ALL.iter().map(tab).collect()
    }

    pub(super) fn tab_title(&self) -> String {
        match &self.application {
            Some(application) => {
                format!("{} · {} · IAMPASS Console", self.title, isolated(&application.name))
            }
            None => format!("{} · IAMPASS Console", self.title),
        }
    }

    pub(super) fn css(&self) -> String {
        format!("{}/assets/{}", self.base, assets::css_name())
    }

    pub(super) fn script(&self) -> String {
        format!("{}/assets/{}", self.base, assets::script_name())
    }

    pub(super) fn icon(&self) -> String {
        format!("{}/assets/{}", self.base, assets::icon_name())
    }

    /// The tag of the script that watches the session; empty where no account is signed in.
    pub(super) fn session_script(&self) -> &str {
        &self.session_script
    }
}

/// The languages that the login's pages are in, which are those of the Console. None where the page cannot be loaded again: what it shows
/// once would be lost.
fn choices(console: &Console, speech: &Speech) -> Vec<Choice> {
    let Some(page) = page_asked() else { return Vec::new() };
    let site = console.login().page_context();
    let choice = |language: &LanguageChoice| Choice {
        tag: language.tag.clone(),
        direction: language.direction.clone(),
        name: language.name.clone(),
        address: site.links.language_at(&language.tag, &page),
        is_current: language.tag == speech.tag(),
    };
    site.languages.iter().map(choice).collect()
}

/// Says something.
#[derive(Template)]
#[template(path = "console/message.html")]
pub(super) struct MessagePage {
    pub(super) frame: Frame,
    pub(super) text: String,
}

/// Answers with a page.
pub(super) fn show(status: StatusCode, page: &impl Template) -> Result<Response, PageError> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page of the Console could not be rendered");
        PageError::Internal
    })?;
    Ok((status, Html(html)).into_response())
}

/// After a change: on to a page, so that loading it again does not do it again. `said` is one of [`notice`]'s words.
pub(super) fn done(page: &str, said: &'static str) -> Response {
    Redirect::to(&format!("{page}?done={said}")).into_response()
}

/// A page without anything around it, for where there is no Console.
pub(super) fn bare(status: StatusCode, text: &'static str) -> Response {
    let html = format!("<!doctype html><html lang=\"en\"><title>IAMPASS Console</title><p>{text}</p></html>");
    (status, Html(html)).into_response()
}

/// Adds what browsers are to go by, unless the answer says something else. The rest is on every answer of the service.
pub(super) async fn bind_browsers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        // Every page depends on who looks at it, and after a logout none may be shown again.
        (CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
