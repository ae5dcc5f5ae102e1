//! Paths as servers read them: those that are plain, and those that are not.

use proptest::prelude::*;

use super::*;

fn plain(address: &str) -> Option<Vec<String>> {
    match read(address) {
        Ok(ReadPath::Plain(segments)) => Some(segments.into_iter().map(|segment| segment.exact).collect()),
        _ => None,
    }
}

#[test]
fn what_browsers_send_is_plain() {
    for (address, segments) in [
        ("/", &[][..]),
        ("/?a=/../b", &[]),
        ("/a", &["a"]),
        ("/a/", &["a"]),
        ("/a/b.css?v=%2e%2e", &["a", "b.css"]),
        ("/a%20b/%C3%A9", &["a b", "é"]),
        ("/.well-known/x", &[".well-known", "x"]),
        ("/wiki/Special:Search", &["wiki", "Special:Search"]),
        ("/~anna/x-y_z", &["~anna", "x-y_z"]),
        ("/@scope/(a),b+c=d&e!", &["@scope", "(a),b+c=d&e!"]),
        ("/wiki/(a%20(b))", &["wiki", "(a (b))"]),
        ("/wiki/(a%20(b)%20(c))", &["wiki", "(a (b) (c))"]),
        ("/wiki/%F0%9F%87%A9%F0%9F%87%AA", &["wiki", "\u{1f1e9}\u{1f1ea}"]),
    ] {
        assert_eq!(plain(address).unwrap_or_else(|| panic!("{address}")), segments, "{address}");
    }
}

#[test]
fn what_servers_read_in_different_ways_is_ambiguous() {
    for address in [
        "//",
        "//a",
        "/a//",
        "/a//b",
        "/./a",
        "/a/.",
        "/a/..",
        "/a/../b",
        "/a/...",
        "/a./b",
        "/%2e/a",
        "/a/%2E%2e/b",
        "/a/.%2e/b",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a;/b",
        "/a;x=1/b",
        "/a%3bx",
        "/%61",
        "/a%41",
        "/a%252e%252e/b",
        "/a%25",
        "/a%3fb",
        "/a%23b",
        "/a%20",
        "/%20a",
        "/a%FF",
        "/%C0%AE%C0%AE/a",
        "/a::$DATA",
        "/ADMINI~1/x",
        "/(S(abc))/admin",
        "/(A(a)F(b))/admin",
        "/(S(a)%20(b))/admin",
        "/(%20(b)F(c))/admin",
        "/((a))/admin",
        "/(a((b)))/admin",
        // Half a flag, and a flag with half of another one.
        "/adm%F0%9F%87%AEn",
        "/%F0%9F%87%A9%F0%9F%87%AA%F0%9F%87%A9/a",
        "/%F0%9F%87%A9a%F0%9F%87%AA",
        "/adm%E3%85%A4in",
        // An ellipsis becomes three dots, a wide slash a slash, and what is not seen is dropped.
        "/%E2%80%A6/a",
        "/a%EF%BC%8Fb",
        "/ad%E2%80%8Bmin",
        "/ad%C2%ADmin",
        "/ad%C2%A0min",
        "/ad%EF%B1%9Emin",
        "/%F0%9F%85%90dmin",
    ] {
        assert_eq!(read(address), Ok(ReadPath::Ambiguous), "{address}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    let long = format!("/{}", "a".repeat(LONGEST));
    for address in [
        "",
        "a",
        "*",
        "?a",
        "http://a/b",
        "\\a",
        "/a b",
        "/a#b",
        "/a\tb",
        "/a\u{0}",
        "/é",
        "/%",
        "/%a",
        "/%zz",
        "/a%0",
        "/%00",
        "/a%0d%0aSet-Cookie",
        "/%7f",
        "/%1F",
        "/%+1",
        &long,
    ] {
        assert_eq!(read(address), Err(Unreadable), "{address}");
    }
}

/// Readings that servers are known for, each a way from one text to another.
fn readings(path: &str) -> Vec<String> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let without_parameters = |text: &str| {
        let segments = text.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
        segments.collect::<Vec<_>>().join("/")
    };
    let resolved = |text: &str| {
        let mut segments: Vec<&str> = Vec::new();
        for segment in text.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                segment => segments.push(segment),
            }
        }
        format!("/{}", segments.join("/"))
    };
    let windows = |text: &str| {
        let text = text.replace('\\', "/").to_lowercase();
        let segments = text.split('/').map(|segment| match segment {
            "." | ".." => segment,
            segment => segment.trim_end_matches(['.', ' ']),
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let cut = |text: &str| text.split(['\0', '?', '#']).next().unwrap_or_default().to_owned();
    let mut all = vec![path.to_owned()];
    for step in
        [&decoded as &dyn Fn(&str) -> String, &decoded, &without_parameters, &windows, &cut, &resolved]
    {
        let more: Vec<_> = all.iter().map(|text| step(text)).collect();
        all.extend(more);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// A plain path means the same to all of these servers, but for the case of its letters.
    #[test]
    fn a_plain_path_is_read_alike(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("/"), Just("/"), Just("a"), Just("admin"), Just("."), Just(".."), Just(";"), Just("\\"), Just("%2e"),
                Just("%2F"), Just("%5C"), Just("%25"), Just("%61"), Just("%3B"), Just("%20"), Just("%00"), Just("%c3%a9"),
                Just("+"), Just("~1"), Just("%"),
            ],
            0..8,
        ),
    ) {
        let path = format!("/{}", parts.concat());
        if let Some(segments) = plain(&path) {
            let own = segments.join("/").to_lowercase();
            for reading in readings(&path) {
                let read = percent_decode_str(&reading).decode_utf8_lossy().to_lowercase();
                prop_assert_eq!(read.trim_matches('/'), &own, "{} read as {}", path, reading);
            }
        }
    }
}

/// Databases with the usual collations find one page for all of them.
#[test]
fn letters_that_databases_take_for_one_are_folded_into_one() {
    let folded = |text: &str| Segment::plain(text).unwrap().folded;
    for (one, other) in [
        ("sécret", "secret"),
        ("se\u{301}cret", "secret"),
        ("ADMİN", "admin"),
        ("admın", "admin"),
        ("straße", "STRASSE"),
        ("ﬁle", "file"),
        ("sØcret", "socret"),
        ("łódź", "lodz"),
        ("đoković", "dokovic"),
        ("ħal", "hal"),
        ("ǽra", "aera"),
        ("Œuvre", "oeuvre"),
        ("se\u{640}cret", "secret"),
    ] {
        assert_eq!(folded(one), folded(other), "{one}");
    }
    assert!(folded("secret") != folded("secrets"));
}
