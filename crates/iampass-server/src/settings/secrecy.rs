//! Which settings are secret, and what of them may be shown.

use url::Url;

/// The secret part of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Nothing.
    Whole,
    /// A URL without its password.
    Password,
}

/// The secret settings. Each has a twin with `_file` appended, which names a file that holds it.
const SECRETS: [(&str, Secrecy); 10] = [
    ("database_url", Secrecy::Password),
    ("master_key", Secrecy::Whole),
    ("metrics.token", Secrecy::Whole),
    // The path of a webhook is often what lets its callers in.
    ("push.webhook_url", Secrecy::Whole),
    ("push.webhook_secret", Secrecy::Whole),
    ("alerts.webhook_url", Secrecy::Whole),
    ("alerts.secret", Secrecy::Whole),
    ("sms.webhook_url", Secrecy::Whole),
    ("sms.secret", Secrecy::Whole),
    // At some services the user is the same token as the password.
    ("mail.smtp_url", Secrecy::Whole),
];

/// The text shown in place of a secret.
pub(crate) const NOT_SHOWN: &str = "(set, not shown)";

/// How secret the setting `key` is; `None` for one that is not.
pub(crate) fn secrecy(key: &str) -> Option<Secrecy> {
    SECRETS.iter().find(|(secret, _)| *secret == key).map(|&(_, secrecy)| secrecy)
}

/// The secret setting whose file `key` names.
pub(crate) fn in_file(key: &str) -> Option<&str> {
    key.strip_suffix("_file").filter(|secret| secrecy(secret).is_some())
}

/// The part of a setting that may be shown.
pub(crate) fn shown(secrecy: Secrecy, text: &str) -> String {
    let url = match secrecy {
        Secrecy::Whole => None,
        Secrecy::Password => without_password(text),
    };
    url.unwrap_or_else(|| NOT_SHOWN.to_owned())
}

fn without_password(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    // Some databases take a password in the query, too, and some URLs that are none have it in the path.
    if !url.has_host() || url.query_pairs().any(|(key, _)| key.to_ascii_lowercase().contains("pass")) {
        return None;
    }
    // PostgreSQL reads all up to the first `@` as user and password. This reader ends them at `/`, `?` and `#`, so a password with one of these is no password here.
    if url.path().contains('@')
        || url.query().is_some_and(|query| query.contains('@'))
        || url.fragment().is_some()
    {
        return None;
    }
    if url.password().is_some() {
        url.set_password(Some("***")).ok()?;
    }
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let shown = |url| shown(Secrecy::Password, url);
        assert_eq!(shown("postgres://u:hidden@db.example/i"), "postgres://u:***@db.example/i");
        assert_eq!(
            shown("postgres://db.example/i?sslmode=require"),
            "postgres://db.example/i?sslmode=require"
        );
        for url in [
            "postgres://iampass:/hidden@db/i",
            "postgres://iampass:12/hidden@db/i",
            "postgres://iampass:#hidden@db/i",
            "postgres://iampass:?hidden@db/i",
            "postgres://db/i?password=hidden",
            "postgres://db/i?PassWord=hidden",
            "host=db password=hidden",
            "postgres:u:hidden@db",
            "postgres://u:hidden@a,b:1/i",
            "hidden",
        ] {
            assert!(!shown(url).contains("hidden"), "{url}");
        }
        assert_eq!(super::shown(Secrecy::Whole, "https://hidden"), NOT_SHOWN);
    }

    #[test]
    fn only_secrets_have_a_file_of_their_own() {
        assert_eq!(in_file("database_url_file"), Some("database_url"));
        assert_eq!(in_file("listen_file"), None);
        assert_eq!(in_file("database_url"), None);
    }
}
