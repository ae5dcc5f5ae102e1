//! The cookies: sealed for one application and one purpose, and read as browsers send them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iampass_core::Secret;

use super::*;

fn application(id: &str) -> ApplicationId {
    ApplicationId::new(id).unwrap()
}

fn cookies() -> Cookies {
    Cookies::new(&CookieKeys::generate().unwrap(), &application("app"), true, PREFIX, "")
}

/// Each of them. A new one does not compile without a place in this match.
fn names() -> Vec<Name> {
    let mut names = vec![Name::Session];
    while let Some(next) = names.last().and_then(|name| match name {
        Name::Session => Some(Name::Pending),
        Name::Pending => Some(Name::Nameless),
        Name::Nameless => Some(Name::Ticket),
        Name::Ticket => Some(Name::Browser),
        Name::Browser => Some(Name::Replacement),
        Name::Replacement => Some(Name::Arrival),
        Name::Arrival => Some(Name::Return),
        Name::Return => Some(Name::Code),
        Name::Code => Some(Name::SignedInFrom),
        Name::SignedInFrom => None,
    }) {
        names.push(next);
    }
    names
}

/// A value that is sealed for one purpose is good for no other one.
#[test]
fn what_was_sealed_for_one_purpose_opens_for_no_other_one() {
    let cookies = cookies();
    for made in names() {
        let value = cookies.sealed(made, &"x", 60).unwrap().value().to_owned();
        for asked in names() {
            let opened = cookies.open_value::<String>(asked, &value);
            assert_eq!(opened.is_some(), made == asked, "{made:?} as {asked:?}");
        }
    }
}

/// Two applications that were given the same keys, and have not named their cookies.
#[test]
fn what_one_application_sealed_opens_in_no_other_one() {
    let keys = CookieKeys::generate().unwrap();
    let of = |id| Cookies::new(&keys, &application(id), true, PREFIX, "");
    for name in names() {
        let sealed = header(&of("notes").sealed(name, &"x", 60).unwrap());
        assert_eq!(of("notes").open::<String>(name, Some(&sealed)).as_deref(), Some("x"));
        assert_eq!(of("blog").open::<String>(name, Some(&sealed)), None, "{name:?}");
    }
}

fn header(cookie: &Cookie<'_>) -> String {
    format!("theme=dark; {}={}; a=b", cookie.name(), cookie.value())
}

#[test]
fn a_value_in_quotation_marks_opens() {
    let cookies = cookies();
    let cookie = cookies.sealed(Name::Session, &"anna", 60).unwrap();
    for value in [cookie.value().to_owned(), format!("\"{}\"", cookie.value())] {
        let header = format!("a=b; {}={value} ; c=d", cookie.name());
        assert_eq!(cookies.open::<String>(Name::Session, Some(&header)).as_deref(), Some("anna"));
    }
    for value in ["\"", "\"\"", "\"x"] {
        let header = format!("{}={value}", cookie.name());
        assert_eq!(cookies.open::<String>(Name::Session, Some(&header)), None);
    }
}

#[test]
fn only_what_was_sealed_here_for_this_purpose_opens() {
    let cookies = cookies();
    let sealed = cookies.sealed(Name::Pending, &"hello", 60).unwrap();
    assert!(!sealed.value().contains("hello"));
    let header = header(&sealed);
    assert_eq!(cookies.open::<String>(Name::Pending, Some(&header)).as_deref(), Some("hello"));
    assert_eq!(cookies.open::<String>(Name::Session, Some(&header)), None);
    let moved = header.replace("-login=", "-session=");
    assert_eq!(cookies.open::<String>(Name::Session, Some(&moved)), None, "a pending login is no session");
    assert_eq!(super::tests::cookies().open::<String>(Name::Pending, Some(&header)), None, "another key");
    let mut changed = sealed.value().to_owned().into_bytes();
    for at in (0..changed.len()).step_by(7) {
        let kept = changed[at];
        changed[at] = if kept == b'A' { b'B' } else { b'A' };
        if changed[at] != kept {
            let text = String::from_utf8(changed.clone()).unwrap();
            assert_eq!(cookies.open_value::<String>(Name::Pending, &text), None);
        }
        changed[at] = kept;
    }
}

#[test]
fn attributes_keep_it_from_scripts_other_sites_and_plain_http() {
    let sealed = cookies().sealed(Name::Session, &"x", 60).unwrap().to_string();
    for attribute in ["__Host-", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/", "; Max-Age=60"] {
        assert!(sealed.contains(attribute), "{attribute}: {sealed}");
    }
    assert!(!sealed.contains("Domain"));
    let removal = written(&cookies().removal(Name::Session));
    assert!(removal.contains("Max-Age=0") && removal.contains("Expires=Fri, 02 Jan 1970"), "{removal}");
    for cookie in [removal, written(&cookies().sealed(Name::Browser, &"x", 60).unwrap())] {
        assert!(cookie.ends_with("; SameSite=Lax"), "{cookie}");
        assert_eq!(cookie.matches("SameSite").count(), 1, "{cookie}");
    }
}

#[test]
fn applications_on_one_host_can_have_cookies_of_their_own() {
    let named = |prefix| {
        let cookies = Cookies::new(&CookieKeys::generate().unwrap(), &application("app"), false, prefix, "");
        cookies.sealed(Name::Session, &"x", 60).unwrap().name().to_owned()
    };
    assert_eq!((named(PREFIX), named("other")), ("iampass-session".to_owned(), "other-session".to_owned()));
}

#[test]
fn below_a_prefix_they_are_sent_there_alone() {
    let keys = || CookieKeys::generate().unwrap();
    let sealed = |is_secure| {
        let cookies = Cookies::new(&keys(), &application("app"), is_secure, "iampass-app", "/app");
        let removal = cookies.removal(Name::Session).to_string();
        assert!(removal.contains("; Path=/app") && removal.contains("Max-Age=0"), "{removal}");
        cookies.sealed(Name::Session, &"x", 60).unwrap().to_string()
    };
    let (secure, plain) = (sealed(true), sealed(false));
    assert!(secure.starts_with("__Secure-iampass-app-session=") && secure.contains("; Secure"), "{secure}");
    assert!(secure.contains("; Path=/app;") || secure.ends_with("; Path=/app"), "{secure}");
    assert!(plain.starts_with("iampass-app-session=") && plain.contains("; Path=/app"), "{plain}");
}

#[test]
fn a_session_cookie_is_told_from_others() {
    let cookies = cookies();
    let name = cookies.name(Name::Session).to_owned();
    for (header, expected) in [
        (format!("theme=dark; {name}=x"), true),
        (format!("{name}="), true),
        (format!("{name}=a; {name}=b"), true),
        (format!("x{name}=a; {name}s=b; y={name}=1"), false),
        (String::new(), false),
    ] {
        assert_eq!(cookies.is_session_sent(Some(&header)), expected, "{header}");
    }
    assert!(!cookies.is_session_sent(None));
}

#[test]
fn the_length_tells_nothing() {
    let cookies = cookies();
    let length = |text: &str| cookies.sealed(Name::Pending, &text, 60).unwrap().value().len();
    assert_eq!(length("a"), length(&"a".repeat(200)));
}

#[test]
fn a_header_is_cut_at_each_semicolon() {
    for header in ["", ";", "a=b", " a=b ;c=d;", ";;a", "ä=ö; x", "a=\"b;c\"", "; ;  a=b"] {
        let cut: Vec<_> = header.split(';').map(str::trim_ascii_start).collect();
        assert_eq!(pairs(header).collect::<Vec<_>>(), cut, "{header:?}");
    }
}

#[test]
fn two_of_a_name_are_none() {
    let cookies = cookies();
    let value = |header| cookies.value(Name::Session, Some(header));
    assert_eq!(value("__Host-iampass-session=a"), Some("a"));
    assert_eq!(value("x=y;__Host-iampass-session=a ; z=1"), Some("a"));
    assert_eq!(value("__Host-iampass-session=a; __Host-iampass-session=b"), None);
    assert_eq!(value("x__Host-iampass-session=a"), None);
    assert_eq!(value("__Host-iampass-sessions=a"), None);
}

#[test]
fn a_cookie_sealed_with_an_old_key_opens() {
    let text = |byte: u8| STANDARD.encode([byte; 32]);
    let ring = |keys: &str| CookieKeys::parse(&Secret::new(keys)).unwrap();
    let old = Cookies::new(&ring(&text(1)), &application("app"), true, PREFIX, "");
    let both =
        Cookies::new(&ring(&format!("{}, {}", text(2), text(1))), &application("app"), true, PREFIX, "");
    let sealed = header(&old.sealed(Name::Session, &"x", 60).unwrap());
    assert_eq!(both.open::<String>(Name::Session, Some(&sealed)).as_deref(), Some("x"));
    let sealed = header(&both.sealed(Name::Session, &"x", 60).unwrap());
    assert_eq!(old.open::<String>(Name::Session, Some(&sealed)), None);
    for bad in ["", "secret", "AAAA", &text(1)[..20]] {
        assert!(CookieKeys::parse(&Secret::new(bad)).is_err(), "{bad}");
    }
}
