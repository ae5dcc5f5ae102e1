//! The words of the pages, by name. Does not belong here: the words themselves (`iampass-texts`), their reading, places and joining.

use iampass_texts::Plural;

use super::account_texts::with_account_texts;
use super::text_fields::{Text, text_fields};

with_account_texts! { text_fields! {
    /// The language's name in the language itself, for the list of languages.
    language_name: Text,
    /// The name of the list of languages, for those who hear the page.
    languages_label: Text,
    /// The title of a tab: `{page}` is the title of the page.
    tab_title: Text,

    /// The login page's title.
    login_title: Text,
    /// The login page's heading.
    login_heading: Text,
    /// The steps that follow.
    login_lead: Text,
    /// The field's label.
    login_name_label: Text,
    /// The button.
    login_button: Text,
    /// The button while the form is on its way.
    login_button_busy: Text,
    /// The steps that follow where the login page offers a QR code.
    login_code_lead: Text,
    /// The button that shows the QR code, where the page has not shown it by itself.
    login_code_button: Text,
    /// The same on a screen as small as a phone's: the page that follows leads to IAMPASS on this phone.
    login_code_button_phone: Text,
    /// Before the field for those who do not scan.
    login_code_or: Text,
    /// The QR code is shown no more, since nobody has scanned it for some minutes.
    login_code_over: Text,
    /// Another tab of the browser shows a newer one, or the service gives none.
    login_code_gone: Text,
    /// The choice that the browser stays signed in.
    login_keep: Text,
    /// Without it: `{duration}` is how long a session lasts then.
    login_keep_how: Text,
    /// Leads to how a phone is registered.
    login_no_phone: Text,
    /// Leads to what to do about a lost phone.
    login_lost_phone: Text,

    /// Title and heading of a login that was not started.
    problem_title: Text,
    /// No name was given.
    problem_empty_name: Text,
    /// It cannot be a name.
    problem_name_too_long: Text,
    /// Too many were started for this name, or from this address. `{duration}`: how long to wait.
    problem_too_many: Text,
    /// The service does not answer.
    problem_unreachable: Text,
    /// The form was not ours.
    problem_cross_site: Text,
    /// The button after a failure that is nobody's fault.
    try_again: Text,

    /// The waiting page before the phone is asked: title and heading.
    wait_preparing_title: Text,
    /// The explanation.
    wait_preparing: Text,
    /// Another browser's request was taken back for this one.
    wait_displaced: Text,
    /// The waiting page's title and heading.
    wait_title: Text,
    /// The step to take on the phone.
    wait_lead: Text,
    /// The waiting page that shows a code: title and heading.
    wait_code_title: Text,
    /// The step to take where the phone shows the request by itself.
    wait_code_lead_ringing: Text,
    /// The step to take where the phone shows nothing yet.
    wait_code_lead: Text,
    /// The label of the QR code, for screen readers.
    wait_code_qr_label: Text,
    /// The page of a login without a name: title and heading.
    wait_moving_title: Text,
    /// The step to take.
    wait_moving_lead: Text,
    /// The page before there is a code. The user need not do anything.
    wait_moving_preparing: Text,
    /// The step to take where the page has no script: it loads itself anew every few seconds.
    wait_moving_reloads: Text,
    /// The label of the digits.
    wait_code_label: Text,
    /// The digits, said to those who hear the page: `{code}`, each digit by itself.
    wait_code_said: Text,
    /// The link that opens IAMPASS, on a screen as small as a phone's.
    wait_code_open: Text,
    /// The label of the application's name.
    wait_application: Text,
    /// The label of the user's name.
    wait_user: Text,
    /// The label of the time until which the page waits.
    wait_until: Text,
    /// The step to take otherwise. The phone may show the user under another name than the one that was typed.
    wait_deny: Text,
    /// The time left, in the ring: `{seconds}`.
    wait_seconds: Text,
    /// The words after it, for screen readers.
    wait_left: Text,
    /// Said to those who hear the page when there is little time left: `{seconds}`.
    wait_soon_over: Text,
    /// The service does not answer.
    wait_trouble: Text,
    /// It answers again.
    wait_trouble_over: Text,
    /// The page cannot reach the application.
    wait_offline: Text,
    /// It can reach it again.
    wait_online: Text,
    /// The button that takes the login back.
    wait_cancel: Text,

    /// Denied on the phone.
    end_declined_title: Text,
    /// The explanation.
    end_declined: Text,
    /// Denied on the phone, and said to be begun by somebody else.
    end_reported_title: Text,
    /// The explanation and the remedy.
    end_reported: Text,
    /// The phone brought too many wrong codes.
    end_wrong_code_title: Text,
    /// The explanation and the remedy.
    end_wrong_code: Text,
    /// No answer came, or there is no phone to ask, or no such user.
    end_no_answer_title: Text,
    /// The explanation.
    end_no_answer: Text,
    /// A possible reason.
    end_no_phone: Text,
    /// The remedy.
    end_no_phone_how: Text,
    /// Taken back.
    end_cancelled_title: Text,
    /// The explanation.
    end_cancelled: Text,
    /// Something else.
    end_failed_title: Text,
    /// The explanation.
    end_failed: Text,
    /// The service does not answer.
    end_unreachable_title: Text,
    /// The explanation.
    end_unreachable: Text,
    /// Another browser took it up.
    end_elsewhere_title: Text,
    /// The explanation.
    end_elsewhere: Text,
    /// The same browser began a newer one.
    end_replaced_title: Text,
    /// The explanation.
    end_replaced: Text,
    /// Another browser began one with the same name.
    end_superseded_title: Text,
    /// The explanation and the remedy.
    end_superseded: Text,
    /// A known browser is signing in.
    end_busy_title: Text,
    /// The explanation and the remedy.
    end_busy: Text,
    /// The user denied several in a row.
    end_paused_title: Text,
    /// The explanation and the remedy.
    end_paused: Text,
    /// Too many logins of this user.
    end_too_many_title: Text,
    /// The explanation and the remedy.
    end_too_many: Text,
    /// The service refuses the application.
    end_refused_title: Text,
    /// The explanation and the remedy.
    end_refused: Text,
    /// The application does not know the user whose phone accepted.
    end_unknown_user_title: Text,
    /// The explanation and the remedy.
    end_unknown_user: Text,
    /// Leads to the login page after a login without a name.
    end_sign_in_again: Text,
    /// A browser has come back from the phone's page that did not begin the login: title and heading.
    returned_elsewhere_title: Text,
    /// The explanation and the remedy.
    returned_elsewhere: Text,
    /// The button that asks the phone again.
    end_send_again: Text,
    /// Leads to the empty login page.
    end_other_name: Text,

    /// Registering a phone: title and heading.
    enrol_title: Text,
    /// For whom: `{name}`.
    enrol_lead: Text,
    /// There is no link yet.
    enrol_preparing_title: Text,
    /// The explanation: the user need not do anything.
    enrol_preparing: Text,
    /// Step 1.
    enrol_step_scan: Text,
    /// Step 2.
    enrol_step_confirm: Text,
    /// The label of the QR code, for screen readers.
    enrol_qr_label: Text,
    /// Before the link to open.
    enrol_here_already: Text,
    /// The link.
    enrol_open_link: Text,
    /// The label of the link as text.
    enrol_link_label: Text,
    /// Whom to show it to.
    enrol_link_warning: Text,
    /// Copies it.
    enrol_copy: Text,
    /// It was.
    enrol_copied: Text,
    /// It could not be, and was selected instead.
    enrol_copy_failed: Text,
    /// The link adds a phone to others: title and heading.
    add_title: Text,
    /// Step 1.
    add_step_scan: Text,
    /// Step 2 where another phone confirms it.
    add_step_confirm: Text,
    /// Step 3.
    add_step_remove: Text,
    /// Step 2 where a recovery code has confirmed it.
    add_step_recovered: Text,
    /// Step 3.
    add_step_remove_later: Text,
    /// Done: title and heading.
    enrol_registered_title: Text,
    /// The explanation.
    enrol_registered: Text,
    /// Goes on.
    enrol_go_on: Text,
    /// The link is void: title and heading.
    enrol_not_in_time_title: Text,
    /// Why.
    enrol_not_in_time: Text,
    /// Makes one.
    enrol_new_link: Text,
    /// It failed: title and heading.
    enrol_failed_title: Text,
    /// Why.
    enrol_failed: Text,
    /// This browser may not register a phone: title and heading.
    enrol_no_ticket_title: Text,
    /// How one may.
    enrol_no_ticket: Text,
    /// And who has an account.
    enrol_no_ticket_help: Text,
    /// Leads to the login page.
    back_to_login: Text,

    /// The lost phone: title and heading.
    lost_title: Text,
    /// Asking for a replacement: what happens. `{duration}`: how long it takes.
    lost_offer: Text,
    /// Asks for it.
    lost_ask_button: Text,
    /// It was asked for, and takes time. `{duration}`: how long.
    lost_waiting: Text,
    /// Another browser asked for it. `{duration}`: how long it takes.
    lost_waiting_elsewhere: Text,
    /// Stops it.
    lost_stop_button: Text,
    /// Before the list of what happens.
    lost_lead: Text,
    /// First.
    lost_disables: Text,
    /// Second.
    lost_ends: Text,
    /// Third.
    lost_new_link: Text,
    /// Does it.
    lost_button: Text,
    /// Does nothing.
    lost_keep: Text,
    /// A recovery code: heading.
    lost_code_title: Text,
    /// The steps.
    lost_code_lead: Text,
    /// The field's label.
    lost_code_label: Text,
    /// Uses it up.
    lost_code_button: Text,
    /// Another phone: heading.
    lost_other_title: Text,
    /// The steps.
    lost_other_lead: Text,
    /// Makes the link.
    lost_other_button: Text,
    /// The step before it where the user is not signed in.
    lost_other_sign_in: Text,
    /// Nothing was done: heading.
    lost_problem_title: Text,
    /// The name or the code is missing.
    lost_problem_incomplete: Text,
    /// The remedy. It must not tell whether anybody has the name.
    lost_problem_wrong_code: Text,
    /// Too many were tried. `{duration}`: how long to wait.
    lost_problem_too_many: Text,
    /// There are five already.
    lost_problem_no_room: Text,
    /// One of the phones has no key of its own.
    lost_problem_no_key: Text,
    /// The phone was used after its replacement was asked for.
    lost_problem_in_use: Text,
    /// It is not known what was done.
    lost_problem_unreachable: Text,
    /// To somebody who is not logged in.
    lost_logged_out: Text,
    /// The remedy in a browser that is still logged in.
    lost_elsewhere: Text,
    /// The remedy otherwise.
    lost_help: Text,
    /// Covers pages while the user is away.
    away_title: Text,
    /// The remedy.
    away_text: Text,
    /// Ends the session instead.
    away_log_out: Text,
    /// Covers pages that have not heard anything for a while.
    offline_title: Text,
    /// The remedy.
    offline_text: Text,
    /// A database or the service does not answer.
    unavailable_title: Text,
    /// The remedy.
    unavailable_text: Text,
    /// The text that the first page after a login shows for some seconds: `{name}` is the user.
    signed_in_as: Text,
    /// The approval of the login has not proven what a page of the application needs: title and heading.
    unproven_title: Text,
    /// The remedy where no code was brought.
    unproven_code: Text,
    /// The remedy where the phone was not unlocked.
    unproven_unlocked: Text,
    /// The remedy where the phone has no key of its own.
    unproven_key: Text,
    /// The link to the login.
    unproven_link: Text,
    /// A form of another site was refused.
    cross_site_title: Text,
    /// Why.
    cross_site_text: Text,
    /// The link to the application: `{address}` is its scheme and host.
    cross_site_link: Text,
    /// No such page.
    not_found_title: Text,
    /// The explanation.
    not_found_text: Text,
    /// A user is signed in, and a page is for others: title and heading.
    forbidden_title: Text,
    /// The remedy. `{name}` is the user.
    forbidden_text: Text,
    /// The past: `{duration}`.
    ago: Text,
    /// Less than a minute ago.
    just_now: Text,

    /// A duration: `{count}`.
    duration_seconds: Plural,
    /// A duration: `{count}`.
    duration_minutes: Plural,
    /// A duration: `{count}`.
    duration_hours: Plural,
    /// A duration: `{count}`.
    duration_days: Plural,
}
}
