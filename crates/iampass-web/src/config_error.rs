//! [`ConfigError`]: why a login cannot be set up.

use iampass_texts::TextError;

/// The login cannot be set up like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The origin is not one.
    #[error(
        "the origin must be the scheme, host and port that browsers see, like https://app.example, and nothing more"
    )]
    Origin,
    /// Session cookies would go over the network in clear.
    #[error("the origin must be https, except on a loopback address")]
    PlainHttp,
    /// The mount is no path.
    #[error("the mount must be a path of letters, digits, - and _, like /auth")]
    Mount,
    /// The path prefix is no path.
    #[error(
        "the path prefix must be a path of letters, digits, - and _ without a slash at its end, like /app"
    )]
    PathPrefix,
    /// The front page, or where a logout leads, is no path of the application.
    #[error(
        "the front page must be a path of the application, like /home, and so must the place after a logout, or a whole URL"
    )]
    Place,
    /// Proxies are trusted both by their number and by their networks.
    #[error("trust proxies by their number or by their networks, not by both")]
    Proxies,
    /// No key for cookies, or one that is none.
    #[error(
        "the keys for cookies are 32 random bytes each, in base64, the newest first: make one with \
         `openssl rand -base64 32`, and set IAMPASS_COOKIE_KEYS"
    )]
    CookieKey,
    /// The beginning of the cookies' names is none.
    #[error("the names of cookies begin with letters, digits, - and _, like iampass")]
    CookiePrefix,
    /// There is no language, or one whose tag is none; the source says which.
    #[error("the pages need at least one language, each with a tag like de or pt-BR: {0}")]
    Language(#[source] TextError),
    /// The path that the choice of a language is sent to is none, or the login's pages are not below it.
    #[error(
        "the path of the language has to be a path above the login's own pages, like /app for a login at /app/auth"
    )]
    LanguagePath,
    /// Sessions that are not kept would last longer than others, or no time at all.
    #[error(
        "sessions that are not kept last whole seconds, one at least, and no longer than the duration of `login_options`"
    )]
    KeepSignedIn,
    /// The client has nowhere to look up tokens.
    #[error("the client has no token store: call `token_store` when building it")]
    NoTokenStore,
    /// There is no runtime to watch sessions on.
    #[error("it must be built within a tokio runtime, on which it watches sessions")]
    NoRuntime,
    /// The system gave no randomness.
    #[error("the system gives no random bytes")]
    NoRandomness,
}
