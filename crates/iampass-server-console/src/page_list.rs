//! All pages of the Console: who may use each, with which proof, and whether it shows a secret. A page that is not in this list is not served.
//!
//! `docs/access.md` is the same list for people; a test holds the two together. Belongs here: the list. Does not belong here: the check
//! ([`super::access`]), and the router ([`super::routes`]).

use axum::routing::MethodFilter;
use iampass_server_domain::rules::Act;

/// The longest form: a list of users to be added.
pub(super) const LONGEST_LIST: usize = 64 * 1024;

/// The method and the path of each page, in the order in which the service counts them.
pub fn page_routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().map(|page| (page.verb.word(), page.pattern))
}

/// A page: how and where it is asked for, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) verb: Verb,
    pub(crate) pattern: &'static str,
    pub(crate) access: Access,
    pub(crate) proof: Proof,
    pub(crate) shows: Shows,
}

/// How a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Changes nothing.
    Get,
    /// Changes something.
    Post,
}

impl Verb {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    pub(super) const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
        }
    }
}

/// The visitors who may use a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody. The handler may ask who it is, by [`super::access::Visitor`].
    Anyone,
    /// Everybody who is signed in.
    Account,
    /// Administrators of the service. To anybody else it is not there.
    Administrator,
    /// Accounts that may do this to the application that the path names as `{application}`. To all others it does not exist.
    Application(Act),
}

/// The proof that a page takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Proof {
    /// Nothing.
    Nothing,
    /// A session of which the service said within the freshness bound that it is active.
    Session,
    /// A session of which the service says now that it is active.
    Fresh,
    /// The same, and the phone has approved the login within [`super::access::APPROVED_SECONDS`]: a session alone, which may be stolen, is not enough.
    Approved,
}

/// The kind of content that the answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Content that everybody may read who may use the page.
    Page,
    /// A secret, or a link that lets somebody in: it is shown to a person's browser as a page of its own, and to no script.
    Secret,
}

/// Hands the list to a macro: for each page the method, the pattern, the access, the proof, the kind of content and the handler.
macro_rules! console_pages {
    ($then:ident) => {
        $then! {
            Get "/console" Access::Anyone, Nothing, Page => pages::applications::front;
            Get "/console/" Access::Anyone, Nothing, Page => pages::applications::without_slash;
            Get "/console/assets/{name}" Access::Anyone, Nothing, Page => assets::serve;
            Get "/console/register" Access::Anyone, Nothing, Page => pages::register::page;
            Post "/console/register" Access::Anyone, Nothing, Page => pages::register::register;
            Get "/console/link/{code}" Access::Anyone, Nothing, Page => pages::link::page;
            Post "/console/link/{code}" Access::Anyone, Nothing, Page => pages::link::follow;
            Get "/console/join/{code}" Access::Anyone, Nothing, Page => pages::join::page;
            Post "/console/join/{code}" Access::Anyone, Nothing, Page => pages::join::accept;
            Get "/console/account" Access::Account, Session, Page => pages::account::page;
            Post "/console/account/end-link" Access::Account, Fresh, Page => pages::account::end_link;
            Get "/console/account/phone" Access::Account, Approved, Page => pages::own_phone::page;
            Post "/console/account/phone" Access::Account, Approved, Secret => pages::own_phone::make_link;
            Get "/console/accounts" Access::Administrator, Session, Page => pages::accounts::page;
            Get "/console/accounts/{account}" Access::Administrator, Session, Page => pages::accounts::one;
            Get "/console/accounts/{account}/link" Access::Administrator, Approved, Page => pages::access_link::page;
            Post "/console/accounts/{account}/link" Access::Administrator, Approved, Secret => pages::access_link::make;
            Get "/console/accounts/{account}/disable" Access::Administrator, Approved, Page => pages::account_changes::disable_page;
            Post "/console/accounts/{account}/disable" Access::Administrator, Approved, Page => pages::account_changes::disable;
            Get "/console/accounts/{account}/enable" Access::Administrator, Approved, Page => pages::account_changes::enable_page;
            Post "/console/accounts/{account}/enable" Access::Administrator, Approved, Page => pages::account_changes::enable;
            Get "/console/accounts/{account}/demote" Access::Administrator, Approved, Page => pages::account_changes::demote_page;
            Post "/console/accounts/{account}/demote" Access::Administrator, Approved, Page => pages::account_changes::demote;
            Get "/console/accounts/{account}/log-out" Access::Administrator, Approved, Page => pages::account_changes::log_out_page;
            Post "/console/accounts/{account}/log-out" Access::Administrator, Approved, Page => pages::account_changes::log_out;
            Get "/console/accounts/{account}/delete" Access::Administrator, Approved, Page => pages::account_changes::delete_page;
            Post "/console/accounts/{account}/delete" Access::Administrator, Approved, Page => pages::account_changes::delete;
            Get "/console/service" Access::Administrator, Session, Page => pages::service::page;
            Get "/console/keys" Access::Administrator, Session, Page => pages::admin_keys::page;
            Get "/console/keys/new" Access::Administrator, Approved, Page => pages::admin_keys::new_page;
            Post "/console/keys/new" Access::Administrator, Approved, Secret => pages::admin_keys::add;
            Get "/console/keys/{key}/revoke" Access::Administrator, Approved, Page => pages::admin_keys::revoke_page;
            Post "/console/keys/{key}/revoke" Access::Administrator, Approved, Page => pages::admin_keys::end;
            Get "/console/applications/new" Access::Account, Approved, Page => pages::applications::new_page;
            Post "/console/applications/new" Access::Account, Approved, Secret => pages::applications::add;
            Get "/console/applications/{application}" Access::Application(Act::See), Session, Page => pages::overview::page;
            Get "/console/applications/{application}/users" Access::Application(Act::See), Session, Page => pages::users::page;
            Post "/console/applications/{application}/users/add" Access::Application(Act::ManageUsers), Fresh, Page => pages::users::add.layer(DefaultBodyLimit::max(LONGEST_LIST));
            Get "/console/applications/{application}/users/{user}" Access::Application(Act::See), Session, Page => pages::user::page;
            Get "/console/applications/{application}/users/{user}/events" Access::Application(Act::See), Session, Page => pages::live::of_user;
            Get "/console/applications/{application}/users/{user}/link" Access::Application(Act::ManageDevices), Approved, Page => pages::phone::link_page;
            Post "/console/applications/{application}/users/{user}/link" Access::Application(Act::ManageDevices), Approved, Secret => pages::phone::make_link;
            Get "/console/applications/{application}/users/{user}/lost" Access::Application(Act::ManageDevices), Approved, Page => pages::phone::lost_page;
            Post "/console/applications/{application}/users/{user}/lost" Access::Application(Act::ManageDevices), Approved, Secret => pages::phone::lost;
            Get "/console/applications/{application}/users/{user}/remove-phone" Access::Application(Act::ManageDevices), Approved, Page => pages::phone::remove_page;
            Post "/console/applications/{application}/users/{user}/remove-phone" Access::Application(Act::ManageDevices), Approved, Page => pages::phone::remove;
            Post "/console/applications/{application}/users/{user}/test-push" Access::Application(Act::ManageDevices), Fresh, Page => pages::pushes::try_phone;
            Get "/console/applications/{application}/users/{user}/log-out" Access::Application(Act::EndSessions), Session, Page => pages::user::log_out_page;
            Post "/console/applications/{application}/users/{user}/log-out" Access::Application(Act::EndSessions), Fresh, Page => pages::user::log_out;
            Get "/console/applications/{application}/users/{user}/delete" Access::Application(Act::ManageUsers), Approved, Page => pages::user::delete_page;
            Post "/console/applications/{application}/users/{user}/delete" Access::Application(Act::ManageUsers), Approved, Page => pages::user::delete;
            Get "/console/applications/{application}/sessions" Access::Application(Act::See), Session, Page => pages::sessions::page;
            Get "/console/applications/{application}/sessions/events" Access::Application(Act::See), Session, Page => pages::live::of_application;
            Get "/console/applications/{application}/sessions/{session}/end" Access::Application(Act::EndSessions), Session, Page => pages::sessions::end_page;
            Post "/console/applications/{application}/sessions/{session}/end" Access::Application(Act::EndSessions), Fresh, Page => pages::sessions::end;
            Get "/console/applications/{application}/history" Access::Application(Act::See), Session, Page => pages::history::page;
            Get "/console/applications/{application}/history/file" Access::Application(Act::See), Session, Page => pages::history::file;
            Get "/console/applications/{application}/snippets" Access::Application(Act::See), Session, Page => pages::snippets::page;
            Get "/console/applications/{application}/settings" Access::Application(Act::See), Session, Page => pages::settings::page;
            Get "/console/applications/{application}/settings/rename" Access::Application(Act::Configure), Approved, Page => pages::rename::page;
            Post "/console/applications/{application}/settings/rename" Access::Application(Act::Configure), Approved, Page => pages::rename::rename;
            Get "/console/applications/{application}/settings/login" Access::Application(Act::Configure), Approved, Page => pages::login_settings::page;
            Post "/console/applications/{application}/settings/login" Access::Application(Act::Configure), Approved, Page => pages::login_settings::configure;
            Get "/console/applications/{application}/settings/rotate" Access::Application(Act::RotateSecret), Approved, Page => pages::secret::rotate_page;
            Post "/console/applications/{application}/settings/rotate" Access::Application(Act::RotateSecret), Approved, Secret => pages::secret::rotate;
            Get "/console/applications/{application}/settings/end-overlap" Access::Application(Act::RotateSecret), Approved, Page => pages::secret::end_overlap_page;
            Post "/console/applications/{application}/settings/end-overlap" Access::Application(Act::RotateSecret), Approved, Page => pages::secret::end_overlap;
            Get "/console/applications/{application}/settings/disable" Access::Application(Act::SwitchOff), Approved, Page => pages::switches::disable_page;
            Post "/console/applications/{application}/settings/disable" Access::Application(Act::SwitchOff), Approved, Page => pages::switches::disable;
            Get "/console/applications/{application}/settings/enable" Access::Application(Act::SwitchOff), Approved, Page => pages::switches::enable_page;
            Post "/console/applications/{application}/settings/enable" Access::Application(Act::SwitchOff), Approved, Page => pages::switches::enable;
            Get "/console/applications/{application}/settings/delete" Access::Application(Act::Delete), Approved, Page => pages::switches::delete_page;
            Post "/console/applications/{application}/settings/delete" Access::Application(Act::Delete), Approved, Page => pages::switches::delete;
            Get "/console/applications/{application}/messages" Access::Application(Act::See), Session, Page => pages::messages::page;
            Get "/console/applications/{application}/messages/allow" Access::Application(Act::DecideMessages), Approved, Page => pages::messages::allow_page;
            Post "/console/applications/{application}/messages/allow" Access::Application(Act::DecideMessages), Approved, Page => pages::messages::allow;
            Get "/console/applications/{application}/messages/forbid" Access::Application(Act::DecideMessages), Approved, Page => pages::messages::forbid_page;
            Post "/console/applications/{application}/messages/forbid" Access::Application(Act::DecideMessages), Approved, Page => pages::messages::forbid;
            Get "/console/applications/{application}/pushes" Access::Application(Act::See), Session, Page => pages::pushes::page;
            Get "/console/applications/{application}/events" Access::Application(Act::See), Session, Page => pages::events::page;
            Post "/console/applications/{application}/events/again" Access::Application(Act::ManageEvents), Fresh, Page => pages::events::again;
            Get "/console/applications/{application}/events/endpoint" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::page;
            Post "/console/applications/{application}/events/endpoint" Access::Application(Act::ManageEvents), Approved, Secret => pages::event_endpoint::set;
            Get "/console/applications/{application}/events/rotate" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::rotate_page;
            Post "/console/applications/{application}/events/rotate" Access::Application(Act::ManageEvents), Approved, Secret => pages::event_endpoint::rotate;
            Get "/console/applications/{application}/events/switch-on" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::switch_on_page;
            Post "/console/applications/{application}/events/switch-on" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::switch_on;
            Get "/console/applications/{application}/events/switch-off" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::switch_off_page;
            Post "/console/applications/{application}/events/switch-off" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::switch_off;
            Get "/console/applications/{application}/events/remove" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::remove_page;
            Post "/console/applications/{application}/events/remove" Access::Application(Act::ManageEvents), Approved, Page => pages::event_endpoint::remove;
            Post "/console/applications/{application}/events/test" Access::Application(Act::ManageEvents), Fresh, Page => pages::event_endpoint::test;
            Get "/console/applications/{application}/log" Access::Application(Act::See), Session, Page => pages::log::page;
            Get "/console/applications/{application}/log/file" Access::Application(Act::See), Session, Page => pages::log::file;
            Get "/console/applications/{application}/members" Access::Application(Act::See), Session, Page => pages::members::page;
            Get "/console/applications/{application}/members/add" Access::Application(Act::ManageMembers), Approved, Page => pages::new_member::page;
            Post "/console/applications/{application}/members/add" Access::Application(Act::ManageMembers), Approved, Page => pages::new_member::add;
            Get "/console/applications/{application}/members/invite" Access::Application(Act::ManageMembers), Approved, Page => pages::invitations::page;
            Post "/console/applications/{application}/members/invite" Access::Application(Act::ManageMembers), Approved, Secret => pages::invitations::invite;
            Post "/console/applications/{application}/members/take-back" Access::Application(Act::ManageMembers), Fresh, Page => pages::invitations::take_back;
            Get "/console/applications/{application}/members/{account}/role" Access::Application(Act::ManageMembers), Approved, Page => pages::member_role::page;
            Post "/console/applications/{application}/members/{account}/role" Access::Application(Act::ManageMembers), Approved, Page => pages::member_role::change;
            Get "/console/applications/{application}/members/{account}/remove" Access::Application(Act::ManageMembers), Approved, Page => pages::members::remove_page;
            Post "/console/applications/{application}/members/{account}/remove" Access::Application(Act::ManageMembers), Approved, Page => pages::members::remove;
            Get "/console/applications/{application}/leave" Access::Application(Act::Leave), Approved, Page => pages::members::leave_page;
            Post "/console/applications/{application}/leave" Access::Application(Act::Leave), Approved, Page => pages::members::leave;
        }
    };
}

macro_rules! listed {
    ($($verb:ident $pattern:literal $access:expr, $proof:ident, $shows:ident => $handler:expr;)+) => {
        /// All pages but those of the login.
        pub(crate) const PAGES: &[Page] = &[$(Page {
            verb: Verb::$verb,
            pattern: $pattern,
            access: $access,
            proof: Proof::$proof,
            shows: Shows::$shows,
        }),+];
    };
}

console_pages!(listed);
pub(super) use console_pages;
