//! The words of the user's own page, by name. Belongs here: those that are said on that page alone. Does not belong here: all others
//! ([`super::texts`]).

/// Adds them to the fields of [`super::Texts`].
macro_rules! with_account_texts {
    ($fields:ident! { $($others:tt)* }) => {
        $fields! {
            $($others)*

            /// The user's own page: title and heading.
            account_title: Text,
            /// Leads back to the application.
            account_back: Text,
            /// The list of sessions: heading.
            sessions_title: Text,
            /// The user of the sessions: `{name}`.
            sessions_lead: Text,
            /// The list's name for those who hear the page.
            sessions_list: Text,
            /// Marks this browser's session.
            sessions_this_one: Text,
            /// The name of another one.
            sessions_other: Text,
            /// The browser: `{browser}` is its name, `{system}` the system that it runs on.
            sessions_browser: Text,
            /// From where: `{address}`.
            sessions_from: Text,
            /// Since when: `{ago}`.
            sessions_since: Text,
            /// Ends one.
            sessions_end: Text,
            /// The effect of ending all.
            sessions_end_all_lead: Text,
            /// Ends all.
            sessions_end_all: Text,
            /// The list of known browsers: heading.
            browsers_title: Text,
            /// The explanation.
            browsers_lead: Text,
            /// When the user signed in there last: `{ago}`.
            browsers_used: Text,
            /// Makes one unknown.
            browsers_forget: Text,
            /// Makes all unknown.
            browsers_forget_all: Text,

            /// The user's phones: heading.
            phones_title: Text,
            /// The user has one at least.
            phones_some: Text,
            /// The user has none.
            phones_none: Text,
            /// It is not known.
            phones_unknown: Text,
            /// Where they are listed.
            phones_how: Text,
            /// Recovery codes: heading.
            recovery_title: Text,
            /// Where they are made, and what they are for.
            recovery_how: Text,
        }
    };
}

pub(super) use with_account_texts;
