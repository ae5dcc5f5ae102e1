//! The texts of the messages.
//!
//! Belongs here: words and their escaping. Does not belong here: what an application may have said, which the API checks.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use super::Notice;

/// Stands in an application's message for the link.
const PLACE: &str = "{link}";

/// An e-mail without its envelope.
#[derive(Debug)]
pub(super) struct MailText {
    pub(super) subject: String,
    pub(super) plain: String,
    pub(super) html: String,
}

/// The whole of an SMS. The link is always in it.
pub(super) fn sms(notice: &Notice) -> String {
    match notice.message.as_deref().map(str::trim).filter(|message| !message.is_empty()) {
        Some(message) if message.contains(PLACE) => message.replace(PLACE, &notice.link),
        Some(message) => format!("{message} {}", notice.link),
        None => {
            let name = one_line(&notice.application_name);
            format!("{name}: open this link on your phone to register it: {}", notice.link)
        }
    }
}

/// The subject and both bodies of an e-mail. The link is always in them.
pub(super) fn mail(notice: &Notice) -> MailText {
    let name = one_line(&notice.application_name);
    let greeting = notice.display_name.as_deref().map(|name| format!("Hello {},", one_line(name)));
    // The link has a line of its own; a place in the text is where it would have stood, so nothing is said twice.
    let message = notice.message.as_deref().map(|message| message.replace(PLACE, "").trim().to_owned());
    let message = message
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| format!("Open this link on your phone to register it with {name}:"));
    let until = UNIX_EPOCH
        .checked_add(Duration::from_secs(notice.expires_at.0))
        .map(|until| format!(", until {}", httpdate::fmt_http_date(until)))
        .unwrap_or_default();
    let note = format!(
        "The link works once{until}. Whoever opens it can log in as you: give it to nobody. \
         If you did not expect this message, ignore it."
    );
    let plain_greeting = greeting.as_ref().map(|greeting| format!("{greeting}\n\n")).unwrap_or_default();
    let html_greeting =
        greeting.as_ref().map(|greeting| format!("<p>{}</p>", escaped(greeting))).unwrap_or_default();
    let link = escaped(&notice.link);
    MailText {
        subject: format!("{name}: register your phone"),
        plain: format!("{plain_greeting}{message}\n\n{}\n\n{note}\n", notice.link),
        html: format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><body>{html_greeting}<p>{}</p>\
             <p><a href=\"{link}\">{link}</a></p><p>{}</p></body></html>\n",
            escaped(&message),
            escaped(&note)
        ),
    }
}

/// Names come from people: they stay on their line.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, character| {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' | '\'' => {
                let _ = write!(html, "&#{};", u32::from(character));
            }
            other => html.push(other),
        }
        html
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;
    use crate::example::example;

    #[test]
    fn an_sms_always_holds_the_link() {
        let mut notice = example(Channel::Sms);
        assert_eq!(
            sms(&notice),
            "Shop: open this link on your phone to register it: https://login.example/r/c0de"
        );
        for (message, text) in [
            ("Welcome!", "Welcome! https://login.example/r/c0de"),
            ("Go to {link} now", "Go to https://login.example/r/c0de now"),
            ("  ", "Shop: open this link on your phone to register it: https://login.example/r/c0de"),
        ] {
            notice.message = Some(message.to_owned());
            assert_eq!(sms(&notice), text);
        }
    }

    #[test]
    fn an_e_mail_says_who_what_and_until_when() {
        let mut notice = example(Channel::Mail);
        notice.display_name = Some("Ann".to_owned());
        let text = mail(&notice);
        assert_eq!(text.subject, "Shop: register your phone");
        assert!(text.plain.starts_with("Hello Ann,\n\nOpen this link"), "{}", text.plain);
        for body in [&text.plain, &text.html] {
            assert!(body.contains("https://login.example/r/c0de"), "{body}");
            assert!(body.contains("until Sat, 16 Jan 2027 08:00:00 GMT"), "{body}");
        }
        notice.message = Some("Welcome! {link}".to_owned());
        let text = mail(&notice);
        assert_eq!(text.plain.matches("https://login.example/r/c0de").count(), 1);
        assert!(text.plain.contains("\n\nWelcome!\n\nhttps://"), "{}", text.plain);
    }

    #[test]
    fn nobodys_name_becomes_markup_or_a_line() {
        let mut notice = example(Channel::Mail);
        notice.application_name = "<b>\"Shop\"</b>\r\nBcc: all".to_owned();
        notice.display_name = Some("<script>'&".to_owned());
        notice.message = Some("<a href=x>".to_owned());
        let text = mail(&notice);
        assert!(!text.subject.contains(['\r', '\n']), "{:?}", text.subject);
        for markup in ["<b>", "<script>", "<a href=x>"] {
            assert!(!text.html.contains(markup), "{}", text.html);
        }
        assert!(text.html.contains("&lt;script&gt;&#39;&amp;"), "{}", text.html);
    }
}
