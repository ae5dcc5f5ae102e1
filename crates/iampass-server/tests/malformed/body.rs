//! The bodies of requests: of each call nearly good ones, and spoilt ones.

use iampass_server::Route;

use crate::draw::Draw;
use crate::inhabitant::Inhabitant;
use crate::login::is_of_login;

pub(crate) fn body(route: Route, one: &Inhabitant, draw: &mut Draw) -> Vec<u8> {
    let good = match route.pattern {
        pattern if pattern.starts_with("/admin/") && pattern.ends_with("/add_users") => {
            format!(r#"{{"users": ["{}", "other"]}}"#, one.user)
        }
        pattern if pattern.starts_with("/admin/") => draw
            .one_of(&[
                "",
                "{}",
                r#"{"name": "A"}"#,
                r#"{"name": "\u0000", "approval": "code"}"#,
                r#"{"methods": ["acceptance"], "duration_seconds": 60, "walkaway": true}"#,
                r#"{"methods": [], "duration_seconds": 18446744073709551615}"#,
                r#"{"overlap_seconds": 60}"#,
                r#"{"overlap_seconds": 18446744073709551616}"#,
                r#"{"display_name": "A", "add": true}"#,
            ])
            .to_owned(),
        pattern if pattern.ends_with("_users/{app}") => format!(r#"{{"users": ["{}", "other"]}}"#, one.user),
        pattern if pattern.contains("sms") => {
            r#"{"phone_number": "+491701234567", "display_name": "A"}"#.to_owned()
        }
        pattern if pattern.contains("mail") => {
            r#"{"email": "a@example.com", "display_name": "A"}"#.to_owned()
        }
        "/r/{code}" => draw
            .one_of(&[
                r#"{"notification_token": "*malformed", "platform": "web"}"#,
                r#"{"notification_token": "*", "name": "A", "key": {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#,
                r#"{"notification_token": "*", "key": {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}}"#,
                r#"{"notification_token": "*", "key": {"kty": "RSA", "n": "AQ", "e": "AQAB"}}"#,
            ])
            .to_owned(),
        "/device/{id}/configuration" => {
            r#"{"notification_token": "*malformed", "platform": "web"}"#.to_owned()
        }
        "/identification/{question}" => draw
            .one_of(&[
                r#"{"accepted": true}"#,
                r#"{"accepted": true, "code": "482913"}"#,
                r#"{"accepted": true, "scan": "c2Nhbg"}"#,
                r#"{"accepted": false, "report": true}"#,
                r#"{"answer": "e30.e30.AA"}"#,
                r#"{"answer": "eyJhbGciOiJub25lIn0.e30."}"#,
            ])
            .to_owned(),
        "/identification/{question}/unlock" => {
            draw.one_of(&["", "{}", r#"{"answer": "e30.e30.AA"}"#, r#"{"unlock": null}"#]).to_owned()
        }
        pattern if pattern.contains("/unlock/") => draw
            .one_of(&[
                r#"{"unlock": "e30.e30.AA"}"#,
                r#"{"unlock": "eyJhbGciOiJub25lIn0.e30."}"#,
                r#"{"unlock": {"id": "AA", "response": {}}}"#,
                "{}",
            ])
            .to_owned(),
        "/management/recovery_link/{app}/{user}" => draw
            .one_of(&[
                r#"{"recovery_code": "0000-0000-0000-0000-0000-0000-0000"}"#,
                r#"{"recovery_code": "", "display_name": "A"}"#,
                r#"{"recovery_code": 7}"#,
                r#"{"recovery_code": "\u0000"}"#,
            ])
            .to_owned(),
        pattern if pattern.contains("authenticate_user") || pattern.contains("/start/") => draw
            .one_of(&[
                "",
                "{}",
                r#"{"known_browser": true}"#,
                r#"{"known_browser": false, "x": 1}"#,
                r#"{"confirm": ["code"], "browser": "Firefox on Linux", "address": "203.0.113.5"}"#,
                r#"{"return_to": "https://app.example/returned?attempt=a"}"#,
                r#"{"return_to": "javascript:alert(1)"}"#,
            ])
            .to_owned(),
        "/authentication/return/{app}" => {
            format!(r#"{{"session_token": "{}", "proof": "{}"}}"#, one.user, draw.next())
        }
        "/device/{id}/presence" => {
            draw.one_of(&[r#"{"presence": "near", "seconds": 90}"#, r#"{"presence": "away"}"#]).to_owned()
        }
        "/device/{id}/bring" => draw
            .one_of(&[r#"{"code": "482913"}"#, r#"{"scan": "c2Nhbg"}"#, r#"{"brought": "e30.e30.AA"}"#])
            .to_owned(),
        pattern
            if pattern.contains("/phones/")
                || pattern.ends_with("/recover")
                || pattern.contains("recovery_codes") =>
        {
            draw.one_of(&[
                r#"{"change": "e30.e30.AA"}"#,
                "{}",
                r#"{"change": null}"#,
                r#"{"change": ["e30"]}"#,
            ])
            .to_owned()
        }
        _ if is_of_login(route) => one.visitor.form(draw),
        pattern if pattern.starts_with("/console") => {
            format!("name=name-{}&role=owner&user={}", draw.next(), one.member.user)
        }
        _ => String::new(),
    };
    match draw.below(14) {
        0 => draw.bytes(300),
        1 => "[".repeat(draw.below(30_000)).into_bytes(),
        2 => r#"{"users":"#.repeat(draw.below(3_000)).into_bytes(),
        3 => vec![b' '; draw.one_of(&[65_535, 65_536, 65_537, 200_000])],
        4 => draw
            .one_of(&[
                "null",
                "true",
                "{}",
                "[]",
                "\"",
                "{",
                "{\"a\": 1e999}",
                "9",
                "\u{feff}{}",
                "{\"users\": [1]}",
                "{\"users\": [\"\"]}",
                "{\"users\": null, \"users\": []}",
                "{\"accepted\": 2}",
                "{\"accepted\": null}",
                "{\"known_browser\": 1}",
                "{\"known_browser\": null}",
                "{\"confirm\": \"code\"}",
                "{\"confirm\": [7, null]}",
                "{\"browser\": \"\\u0000\"}",
                "{\"address\": \"999.1.1.1\"}",
                "{\"code\": 482913, \"scan\": null}",
                "{\"accepted\": true, \"answer\": \"e30.e30.AA\"}",
                "[true]",
                "{\"known_browser\": true, \"known_browser\": false}",
                "{\"notification_token\": \"\\u0007\"}",
                "{\"platform\": \"web\"}",
                "{\"notification_token\": \"*\", \"name\": \"\\u0000\"}",
                "{\"users\": [\"\\ud800\"]}",
                "{\"phone_number\": \"+\"}",
                "{\"email\": \"a@b\\r\\nBcc: c@d\"}",
            ])
            .into(),
        5 => {
            let mut odd = good.into_bytes();
            if !odd.is_empty() {
                let at = draw.below(odd.len());
                odd[at] = draw.next() as u8;
            }
            odd
        }
        6 => good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => good.into_bytes(),
    }
}
