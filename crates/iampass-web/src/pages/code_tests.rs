//! The page that shows a code.

use super::samples::SCAN;
use super::tests::{QR, ours, shown_code, waiting};
use super::*;

fn page(code: Option<ShownCode<'_>>) -> String {
    OurPages.wait(&ours(), &WaitPage { code, ..waiting("ann", false) })
}

#[test]
fn a_code_is_shown_to_eyes_and_ears_and_cameras() {
    let html = page(Some(shown_code(false)));
    assert!(
        html.contains("<span class=\"code-group\">482</span><span class=\"code-group\">913</span>"),
        "{html}"
    );
    assert!(html.contains("<span class=\"unseen\">4 8 2 9 1 3</span>"), "{html}");
    assert!(html.contains("data-code=\"The code is 4 8 2 9 1 3.\""), "{html}");
    assert!(html.contains("role=\"img\" aria-label=\"QR code for IAMPASS on your phone\"><svg"), "{html}");
    let link = format!("href=\"{SCAN}\" rel=\"noreferrer\">Open IAMPASS on this phone");
    assert!(html.contains(&link.replace('&', "&#38;")), "{html}");
}

#[test]
fn the_next_step_is_said_by_whether_the_phone_rings() {
    for (is_ringing, said, not_said) in [
        (true, "Your phone shows the request", "Open IAMPASS on your phone"),
        (false, "Open IAMPASS on your phone", "Your phone shows the request"),
    ] {
        let html = page(Some(shown_code(is_ringing)));
        assert!(html.contains(said) && !html.contains(not_said), "{html}");
        assert!(!html.contains("Accept the request") && !html.contains("data-unsure"), "{html}");
    }
}

#[test]
fn without_a_code_the_page_is_as_before() {
    let html = page(None);
    assert!(html.contains("Accept the request") && html.contains("data-unsure"), "{html}");
    assert!(!html.contains("data-code") && !html.contains("shown-code"), "{html}");
}

/// The page has nothing to show before the phone may be asked.
#[test]
fn no_code_is_shown_before_the_question_is_put() {
    let page = WaitPage { code: Some(shown_code(true)), is_asked: false, ..waiting("ann", false) };
    let html = OurPages.wait(&ours(), &page);
    assert!(!html.contains("482") && !html.contains("scan="), "{html}");
}

#[test]
fn digits_are_shown_where_there_is_no_link() {
    let html = page(Some(ShownCode { scan_url: "", qr_svg: "", ..shown_code(false) }));
    assert!(
        html.contains("913</span>") && !html.contains("class=\"qr\"") && !html.contains("on-phone"),
        "{html}"
    );
}

/// A login without a name has a QR code that moves, and a way to the phone's page of the same browser that leads back.
#[test]
fn a_code_that_moves_has_no_digits_and_no_name() {
    let code = ShownCode { digits: "", scan_url: "", open_url: SCAN, ..shown_code(false) };
    let html = OurPages.wait(&ours(), &WaitPage { code: Some(code), ..waiting("", false) });
    assert!(html.contains("id=\"qr\"") && html.contains("content=\"3\""), "{html}");
    assert!(html.contains("It changes all the time") && html.contains("reloads every few seconds"), "{html}");
    assert!(!html.contains("class=\"code\"") && !html.contains("<dt>User</dt>"), "{html}");
    assert!(html.contains(&format!("href=\"{SCAN}\"").replace('&', "&#38;")), "{html}");
}

/// Phones show the application's name at the service. An application that has set none shows its host, which is never the same.
#[test]
fn only_a_name_that_was_set_is_compared_with_the_phone_s() {
    let warning = "Deny it if your phone names another application than";
    assert!(page(Some(shown_code(false))).contains(warning));
    for code in [None, Some(shown_code(false))] {
        let site = PageContext { is_named: false, ..ours() };
        let html = OurPages.wait(&site, &WaitPage { code, ..waiting("ann", false) });
        assert!(!html.contains(warning), "{html}");
    }
}

#[test]
fn a_code_is_not_in_debug_output() {
    let shown = format!("{:?}", WaitPage { code: Some(shown_code(true)), ..waiting("ann", false) });
    assert!(!shown.contains("482") && !shown.contains("scan=") && !shown.contains(QR), "{shown}");
}
