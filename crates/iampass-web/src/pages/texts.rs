//! All that the pages say, in one place, also what their script says. Belongs here: words. Does not belong here: where they stand
//! (`templates/`), or how they are put together ([`super::wording`]).

use std::borrow::Cow;

/// A sentence or a label.
pub type Text = Cow<'static, str>;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $english:literal),+ $(,)?) => {
        /// All that the pages say. English, unless replaced:
        ///
        /// ```
        /// use iampass_web::pages::Texts;
        ///
        /// let mut texts = Texts::default();
        /// texts.language = "de".into();
        /// texts.login_button = "Anmelden".into();
        /// texts.login_heading = "Bei {application} anmelden".into();
        /// ```
        ///
        /// Words in braces are replaced: `{application}` by the application's name wherever it stands in a heading or a sentence, the
        /// others where the field says so. A text is text: markup in it is shown, not obeyed.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Texts {
            $($(#[$doc])* pub $name: Text,)+
        }

        impl Default for Texts {
            fn default() -> Self {
                Self { $($name: Cow::Borrowed($english),)+ }
            }
        }

        #[cfg(test)]
        impl Texts {
            /// Each text with its field's name.
            pub(super) fn each_mut(&mut self) -> Vec<(&'static str, &mut Text)> {
                vec![$((stringify!($name), &mut self.$name)),+]
            }
        }
    };
}

texts! {
    /// The language of the texts, as in HTML's `lang`.
    language: "en",
    /// `ltr` or `rtl`, as in HTML's `dir`.
    direction: "ltr",
    /// The title of a tab: `{page}` is the title of the page.
    tab_title: "{page} · {application}",

    /// The login page's title.
    login_title: "Sign in",
    /// The login page's heading.
    login_heading: "Sign in to {application}",
    /// The steps that follow.
    login_lead: "Your phone asks whether it is you. There is no password.",
    /// The field's label.
    login_name_label: "User name",
    /// The button.
    login_button: "Sign in",
    /// The button while the form is on its way.
    login_button_busy: "Asking your phone…",
    /// Leads to how a phone is registered.
    login_no_phone: "No phone registered yet?",
    /// Leads to what to do about a lost phone.
    login_lost_phone: "Lost your phone?",

    /// Title and heading of a login that was not started.
    problem_title: "Not signed in",
    /// No name was given.
    problem_empty_name: "Enter your user name.",
    /// It cannot be a name.
    problem_name_too_long: "This cannot be a user name: it is too long, or has characters that cannot be typed.",
    /// Too many were started for this name, or from this address. `{duration}`: how long to wait.
    problem_too_many: "Too many sign-ins were started in a short time. Try again in {duration}.",
    /// The service does not answer.
    problem_unreachable: "The sign-in service does not answer just now. Nothing is lost: try again in a moment.",
    /// The form was not ours.
    problem_cross_site: "This sign-in was begun on another site or at another address, so your phone was not asked. If it is you who wants to sign in, do it here:",
    /// The button after a failure that is nobody's fault.
    try_again: "Try again",

    /// The waiting page before the phone is asked: title and heading.
    wait_preparing_title: "One moment",
    /// The explanation.
    wait_preparing: "Your request is on its way to the phone. Do not accept any request yet.",
    /// Another browser's request was taken back for this one.
    wait_displaced: "Another browser was signing in with this name, and its request was taken back. If that was not you, deny every request that you did not ask for in this browser.",
    /// The waiting page's title and heading.
    wait_title: "Check your phone",
    /// The step to take on the phone.
    wait_lead: "Accept the request on your phone, and this page goes on by itself.",
    /// The label of the application's name.
    wait_application: "Application",
    /// The label of the user's name.
    wait_user: "User",
    /// The step to take otherwise. The phone may show the user under another name than the one that was typed.
    wait_deny: "Deny it if your phone names another application than {application}.",
    /// The time left, in the ring: `{seconds}`.
    wait_seconds: "{seconds} s",
    /// The words after it, for screen readers.
    wait_left: "left to answer",
    /// Said to those who hear the page when there is little time left: `{seconds}`.
    wait_soon_over: "{seconds} seconds left to answer.",
    /// The service does not answer.
    wait_trouble: "The sign-in service does not answer just now. This page keeps trying, and nothing is lost.",
    /// It answers again.
    wait_trouble_over: "The sign-in service answers again.",
    /// The page cannot reach the application.
    wait_offline: "This page has lost its connection to {application}. It keeps trying by itself.",
    /// It can reach it again.
    wait_online: "The connection is back.",
    /// The button that takes the login back.
    wait_cancel: "Cancel",

    /// Denied on the phone.
    end_declined_title: "Declined",
    /// The explanation.
    end_declined: "The request was denied on the phone, so you are not signed in.",
    /// No answer came, or there is no phone to ask, or no such user.
    end_no_answer_title: "No answer in time",
    /// The explanation.
    end_no_answer: "Nobody answered on a phone in time, so you are not signed in.",
    /// A possible reason.
    end_no_phone: "No phone registered yet?",
    /// The remedy.
    end_no_phone_how: "See how to register one",
    /// Taken back.
    end_cancelled_title: "Cancelled",
    /// The explanation.
    end_cancelled: "The request was taken back. If your phone still shows it, deny it.",
    /// Something else.
    end_failed_title: "That did not work",
    /// The explanation.
    end_failed: "Something went wrong on the way, so you are not signed in.",
    /// The service does not answer.
    end_unreachable_title: "Service not reachable",
    /// The explanation.
    end_unreachable: "The sign-in service does not answer just now, so you are not signed in. Nothing is lost: try again in a moment.",
    /// Another browser took it up.
    end_elsewhere_title: "Completed elsewhere",
    /// The explanation.
    end_elsewhere: "This sign-in was completed in another browser, and is good for one only. If that was not you, log that session out on your phone.",
    /// The same browser began a newer one.
    end_replaced_title: "Begun anew",
    /// The explanation.
    end_replaced: "A newer sign-in was begun in this browser, so this one was taken back. If you did not begin it yourself, deny the request on your phone.",
    /// Another browser began one with the same name.
    end_superseded_title: "Begun in another browser",
    /// The explanation and the remedy.
    end_superseded: "Another browser began to sign in with this name, so your request was taken back. If that was not you, deny the request on your phone, then send yours again.",
    /// A known browser is signing in.
    end_busy_title: "Not asked",
    /// The explanation and the remedy.
    end_busy: "Another browser is signing in with this name just now, so no phone was asked for this one. If that is not you, deny the request on your phone. Try again in a minute.",
    /// The user denied several in a row.
    end_paused_title: "Paused",
    /// The explanation and the remedy.
    end_paused: "Several requests were denied on the phone, so it is not asked for a while. Try again later, or use a browser in which you have signed in before.",
    /// The service refuses the application.
    end_refused_title: "Signing in is not possible at present",
    /// The explanation and the remedy.
    end_refused: "The sign-in service refuses {application} just now, so no phone was asked. Those who run {application} find the reason in its log.",
    /// The button that asks the phone again.
    end_send_again: "Send again",
    /// Leads to the empty login page.
    end_other_name: "Use another user name",

    /// Registering a phone: title and heading.
    enrol_title: "Register your phone",
    /// For whom: `{name}`.
    enrol_lead: "This phone will confirm the sign-ins of {name}.",
    /// There is no link yet.
    enrol_preparing_title: "Preparing your link",
    /// The explanation: the user need not do anything.
    enrol_preparing: "This takes a moment. The page goes on by itself.",
    /// Step 1.
    enrol_step_scan: "Scan this code with your phone.",
    /// Step 2.
    enrol_step_confirm: "Confirm there. This page goes on by itself.",
    /// The label of the QR code, for screen readers.
    enrol_qr_label: "QR code of the registration link",
    /// Before the link to open.
    enrol_here_already: "On this phone already?",
    /// The link.
    enrol_open_link: "Open the link",
    /// The label of the link as text.
    enrol_link_label: "Registration link",
    /// Whom to show it to.
    enrol_link_warning: "Whoever opens this link first becomes the one who confirms. Show it to nobody.",
    /// Copies it.
    enrol_copy: "Copy",
    /// It was.
    enrol_copied: "Copied",
    /// It could not be, and was selected instead.
    enrol_copy_failed: "Not copied: the link is selected, copy it by hand.",
    /// Done: title and heading.
    enrol_registered_title: "Phone registered",
    /// The explanation.
    enrol_registered: "From now on it is asked whenever {name} signs in.",
    /// Goes on.
    enrol_go_on: "Continue",
    /// The link is void: title and heading.
    enrol_not_in_time_title: "The link is no longer valid",
    /// Why.
    enrol_not_in_time: "No phone was registered in time. Make a new link and try again.",
    /// Makes one.
    enrol_new_link: "Make a new link",
    /// It failed: title and heading.
    enrol_failed_title: "The phone was not registered",
    /// Why.
    enrol_failed: "The sign-in service could not make a link, or did not answer. Nothing is lost: try again in a moment.",
    /// This browser may not register a phone: title and heading.
    enrol_no_ticket_title: "How to register a phone",
    /// How one may.
    enrol_no_ticket: "A phone is registered from inside {application}: when you create your account there, it shows you a link for your phone.",
    /// And who has an account.
    enrol_no_ticket_help: "If you have an account but no phone, or your link is no longer valid, ask those who run {application} for a new one.",
    /// Leads to the login page.
    back_to_login: "Back to sign-in",

    /// The list of sessions: title and heading.
    sessions_title: "Where you are signed in",
    /// The user of the sessions: `{name}`.
    sessions_lead: "Signed in as {name}.",
    /// The list's name for those who hear the page.
    sessions_list: "Sessions",
    /// Marks this browser's session.
    sessions_this_one: "This browser",
    /// The name of another one.
    sessions_other: "Another browser",
    /// Since when: `{ago}`.
    sessions_since: "Signed in {ago}",
    /// Ends one.
    sessions_end: "Log out",
    /// The effect of ending all.
    sessions_end_all_lead: "Something here that is not yours? End all sessions, this one too.",
    /// Ends all.
    sessions_end_all: "Log out everywhere",
    /// The list of known browsers: heading.
    browsers_title: "Browsers that know you",
    /// The explanation.
    browsers_lead: "You have signed in in these browsers. They can have your phone asked when others cannot.",
    /// When the user signed in there last: `{ago}`.
    browsers_used: "Last sign-in {ago}",
    /// Makes one unknown.
    browsers_forget: "Forget",
    /// Makes all unknown.
    browsers_forget_all: "Forget all browsers",

    /// The lost phone: title and heading.
    lost_title: "Lost your phone?",
    /// Asking for a replacement: what happens. `{duration}`: how long it takes.
    lost_offer: "You can register another phone in {duration}, {name}, from this browser. Until then every sign-in that your phone accepts stops it, and so can you in any browser that is signed in.",
    /// Asks for it.
    lost_ask_button: "Ask to replace the phone",
    /// It was asked for, and takes time. `{duration}`: how long.
    lost_waiting: "This browser can register another phone in {duration}. Come back to this page then.",
    /// Another browser asked for it. `{duration}`: how long it takes.
    lost_waiting_elsewhere: "Another browser has asked to replace your phone, {name}. It can do so in {duration}. If that was not you, stop it now and log out everywhere.",
    /// Stops it.
    lost_stop_button: "Stop it",
    /// Before the list of what happens.
    lost_lead: "The phone can be replaced now, {name}. This does three things:",
    /// First.
    lost_disables: "The phone can confirm no sign-in any more.",
    /// Second.
    lost_ends: "All your sessions end, this one too.",
    /// Third.
    lost_new_link: "You get a link to register another phone. Have it at hand.",
    /// Does it.
    lost_button: "Replace the phone",
    /// Does nothing.
    lost_keep: "Keep it",
    /// To somebody who is not logged in.
    lost_logged_out: "Without the phone you cannot sign in here, and nobody else can without unlocking it.",
    /// The remedy in a browser that is still logged in.
    lost_elsewhere: "Still signed in in another browser? Open this page there.",
    /// The remedy otherwise.
    lost_help: "Ask those who run {application}. They can disable the phone and give you a link for another one.",

    /// Covers pages while the user is away.
    away_title: "You seem to be away",
    /// The remedy.
    away_text: "Come back to go on.",
    /// Ends the session instead.
    away_log_out: "Log out",
    /// Covers pages that have not heard anything for a while.
    offline_title: "Connection lost",
    /// The remedy.
    offline_text: "This page comes back by itself when the connection does.",

    /// A database or the service does not answer.
    unavailable_title: "Not available just now",
    /// The remedy.
    unavailable_text: "It is not known at the moment whether you are signed in. Nothing is lost: load this page again in a moment.",
    /// The text that the first page after a login shows for some seconds: `{name}` is the user.
    signed_in_as: "Signed in as {name}",

    /// A form of another site was refused.
    cross_site_title: "Nothing was done",
    /// Why.
    cross_site_text: "This came from another site, or from another address of {application}, and was refused. If you wanted it, do it at the address below.",
    /// The link to the application: `{address}` is its scheme and host.
    cross_site_link: "Continue at {address}",
    /// No such page.
    not_found_title: "No such page",
    /// The explanation.
    not_found_text: "There is nothing at this address.",

    /// A duration.
    one_second: "1 second",
    /// A duration: `{count}`.
    seconds: "{count} seconds",
    /// A duration.
    one_minute: "1 minute",
    /// A duration: `{count}`.
    minutes: "{count} minutes",
    /// A duration.
    one_hour: "1 hour",
    /// A duration: `{count}`.
    hours: "{count} hours",
    /// A duration.
    one_day: "1 day",
    /// A duration: `{count}`.
    days: "{count} days",
    /// The past: `{duration}`.
    ago: "{duration} ago",
    /// Less than a minute ago.
    just_now: "just now",
}
