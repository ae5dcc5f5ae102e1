//! The pages: what they show, say and load, as strings of HTML. Belongs here: which pages there are, and that each can be replaced. Does
//! not belong here: when which is shown.
//!
//! All of them work under this Content-Security-Policy, without a script as well, and load nothing from another host:
//!
//! ```text
//! default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self';
//! base-uri 'none'; frame-ancestors 'none'
//! ```

mod account_shown;
mod account_texts;
mod assets;
mod built_in_texts;
mod frame;
mod links;
mod phone_templates;
mod samples;
mod shown;
mod templates;
mod text_fields;
mod texts;
mod wording;

#[cfg(test)]
mod code_tests;
#[cfg(test)]
mod tests;

pub use account_shown::{ListedBrowser, ListedSession, RegisteredPhone, SessionsPage};
pub use assets::Assets;
pub use iampass_texts::{Messages, Plural, TextError};
pub use links::Links;
pub use samples::{SamplePage, samples};
pub use shown::{
    AwayPage, EndPage, EnrolPage, EnrolState, ForbiddenPage, KeepChoice, LanguageChoice, LoginEnd, LoginPage,
    LoginProblem, LostPhonePage, LostPhoneProblem, LostPhoneState, MessageLink, MessagePage, PageContext,
    ShownCode, WaitPage,
};
pub use text_fields::Text;
pub use texts::Texts;

/// Renders the pages. Each method gives a whole HTML document; by default it is ours, so an application replaces those that it wants
/// different:
///
/// ```
/// use iampass_web::pages::{MessagePage, Pages, PageContext};
///
/// struct MyPages;
///
/// impl Pages for MyPages {
///     fn message(&self, _site: &PageContext, page: &MessagePage<'_>) -> String {
///         let escaped = page.text.replace('&', "&amp;").replace('<', "&lt;");
///         format!("<!doctype html><title>Oh</title><p>{escaped}")
///     }
/// }
/// ```
///
/// A page of your own escapes what it shows, and sends the same fields to the same [`Links`].
pub trait Pages: Send + Sync {
    /// Asks for the user's name. The form goes to [`Links::login`] with `login_name` and `return_to`.
    fn login(&self, site: &PageContext, page: &LoginPage<'_>) -> String {
        templates::login(site, page)
    }

    /// Waits for the phone and goes on by itself.
    fn wait(&self, site: &PageContext, page: &WaitPage<'_>) -> String {
        templates::wait(site, page)
    }

    /// Says why nobody is logged in, and offers to try again. The form is that of [`Pages::login`].
    fn end(&self, site: &PageContext, page: &EndPage<'_>) -> String {
        templates::end(site, page)
    }

    /// Registers a phone and goes on by itself.
    fn enrol(&self, site: &PageContext, page: &EnrolPage<'_>) -> String {
        phone_templates::enrol(site, page)
    }

    /// The user's own page: sessions, phone and known browsers. The forms go to [`Links::sessions_end`] with `id`, to [`Links::sessions_end_all`], to
    /// [`Links::browsers_forget`] with `id`, and to [`Links::browsers_forget_all`].
    fn sessions(&self, site: &PageContext, page: &SessionsPage<'_>) -> String {
        templates::sessions(site, page)
    }

    /// The page about a lost phone. Its forms go to [`Links::lost_phone`], [`Links::lost_phone_stop`], [`Links::lost_phone_code`] with `login_name` and
    /// `recovery_code`, and [`Links::lost_phone_add`].
    fn lost_phone(&self, site: &PageContext, page: &LostPhonePage<'_>) -> String {
        phone_templates::lost_phone(site, page)
    }

    /// Stands in place of a page while the user is away, and gives way by itself.
    fn away(&self, site: &PageContext, page: &AwayPage) -> String {
        templates::away(site, page)
    }

    /// Says that the page is for others, and offers to log out. The form goes to [`Links::logout`].
    fn forbidden(&self, site: &PageContext, page: &ForbiddenPage<'_>) -> String {
        templates::forbidden(site, page)
    }

    /// Says something.
    fn message(&self, site: &PageContext, page: &MessagePage<'_>) -> String {
        templates::message(site, page)
    }
}

/// Our pages, all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct OurPages;

impl Pages for OurPages {}

/// The script tag for the pages of the application itself that only a logged-in user sees. It belongs into their `head`.
///
/// With it a page is covered while the user is away, or while nothing could be heard for half a minute, and comes back by itself; when the
/// session has ended, the page is loaded anew, which leads to the login. The page's own policy has to allow `script-src 'self'` and
/// `connect-src 'self'`, no more.
///
/// ```
/// use iampass_web::pages::{Links, PageContext, Texts, session_script};
///
/// let site = PageContext::new("Microblog", Texts::default(), Links { mount_path: "/auth".to_owned() });
/// assert!(session_script(&site).starts_with("<script src=\"/auth/assets/login."));
/// ```
#[must_use]
pub fn session_script(site: &PageContext) -> String {
    frame::session_script(site, None)
}

/// The same for the pages of a user of this name: the first page after a login says for some seconds who is signed in. So somebody who was
/// led into the account of another by whatever way sees it before entering anything.
///
/// ```
/// use iampass_web::pages::{Links, PageContext, Texts, session_script_for};
///
/// let site = PageContext::new("Microblog", Texts::default(), Links { mount_path: "/auth".to_owned() });
/// assert!(session_script_for(&site, "Anna").contains("data-signed-in=\"Signed in as Anna\""));
/// ```
#[must_use]
pub fn session_script_for(site: &PageContext, name: &str) -> String {
    frame::session_script(site, Some(name))
}
