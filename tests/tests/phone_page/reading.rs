//! The texts that the page takes for a code: typed, pasted or scanned.

use serde_json::{Value, json};

use crate::Stage;

/// The results of a function of `code.js` for each of these texts.
const READ: &str = "
    const [name, texts, done] = arguments;
    const main = document.querySelector('script[src$=\"main.js\"]').src;
    import(new URL('code.js', main)).then((code) => done(texts.map((text) => code[name](text))), (error) => done(String(error)));
";

const SECRET: &str = "AbCdEfGhIjKlMnOpQrSt-_";

#[tokio::test]
async fn six_digits_and_own_addresses_are_codes_and_nothing_else_is() {
    let Some(stage) = Stage::set().await else { return };
    let own = stage.service.server_url().to_owned();
    stage.browser.open(&format!("{own}/phone")).await.unwrap();
    let code = Some(json!({"code": "482913"}));
    let scan = Some(json!({"scan": SECRET}));
    let cases = [
        ("482913".to_owned(), code.clone()),
        (" 482 913\n".to_owned(), code.clone()),
        ("482-913".to_owned(), code.clone()),
        ("4 8\u{a0}2\u{202f}9.1.3".to_owned(), code.clone()),
        ("Your code: 482913".to_owned(), code.clone()),
        ("４８２９１３".to_owned(), code.clone()),
        ("٤٨٢٩١٣".to_owned(), code.clone()),
        ("۴۸۲۹۱۳".to_owned(), code),
        (String::new(), None),
        ("48291".to_owned(), None),
        ("4829133".to_owned(), None),
        ("482 913 482 913".to_owned(), None),
        (format!("{own}/phone#scan={SECRET}"), scan.clone()),
        (format!("  {own}/phone#scan={SECRET}\n"), scan),
        (format!("{own}/phone#scan={SECRET}x"), None),
        (format!("{own}/phone#scan={}", &SECRET[1..]), None),
        (format!("{own}/phone#scan={SECRET}#scan={SECRET}"), None),
        (format!("{own}/phone?x=1#scan={SECRET}"), None),
        (format!("{own}/console#scan={SECRET}"), None),
        (format!("https://elsewhere.example/phone#scan={SECRET}"), None),
        (format!("{own}@elsewhere.example/phone#scan={SECRET}"), None),
        (SECRET.to_owned(), None),
        // Six digits in an address are no code: they would be tried, and count as wrong.
        ("https://elsewhere.example/phone#scan=A4b8C2d9E1f3GhIjKlMnOp".to_owned(), None),
        ("https://elsewhere.example/r/A4b8C2d9E1f3".to_owned(), None),
    ];
    let texts: Vec<_> = cases.iter().map(|(text, _)| text).collect();
    let read = stage.browser.run(READ, vec![json!("proofIn"), json!(texts)]).await.unwrap();
    let found = read.as_array().unwrap_or_else(|| panic!("{read}"));
    for ((text, expected), found) in cases.iter().zip(found) {
        assert_eq!(found, &expected.clone().unwrap_or(Value::Null), "{text}");
    }
    // The camera reads no digits: a page of another service may show any.
    let scanned = json!([format!("{own}/phone#scan={SECRET}"), "482913", format!("{own}/r/AbCd")]);
    let read = stage.browser.run(READ, vec![json!("scanIn"), scanned]).await.unwrap();
    assert_eq!(read, json!([SECRET, null, null]));
    stage.leave().await;
}
