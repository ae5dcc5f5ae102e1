//! Every page in every state: that it renders, escapes, loads nothing from elsewhere, keeps to the policy, and that every text is used.

pub(super) use super::samples::waiting;
use super::samples::{ENDS, LINK, Sample, samples_of};
use super::*;
use crate::lost_phone_policy::{LostPhone, LostPhoneWays};

/// All that a name could do harm with.
const BAD: &str = "<script>alert(1)</script>\"'&{application}";

pub(super) const QR: &str = "<?xml version=\"1.0\"?><svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>";

fn site(name: &str, texts: Texts) -> PageContext {
    let choice = LanguageChoice {
        tag: texts.language.clone().into_owned(),
        direction: texts.direction.clone().into_owned(),
        name: texts.language_name.clone().into_owned(),
    };
    PageContext {
        languages: vec![choice],
        offers_lost_phone: true,
        ..PageContext::new(name, texts, Links { mount_path: "/auth".to_owned() })
    }
}

pub(super) fn ours() -> PageContext {
    site("Microblog", Texts::default())
}

const ENROLS: [EnrolState<'_>; 7] = [
    EnrolState::Preparing,
    EnrolState::Link { url: LINK, qr_svg: QR },
    EnrolState::Adds { url: LINK, qr_svg: QR, is_confirmed: true },
    EnrolState::Registered,
    EnrolState::NotInTime,
    EnrolState::Failed,
    EnrolState::NoTicket,
];

pub(super) const fn shown_code(is_ringing: bool) -> ShownCode<'static> {
    super::samples::shown_code(is_ringing, QR)
}

/// Each page in each state, with this name wherever one stands, and what it is called.
fn all_pages(site: &PageContext, name: &str) -> Vec<(String, String)> {
    let sample = Sample { name, return_to: "/posts?page=2&x=\"><script>", qr_svg: QR };
    let all = samples_of(&OurPages, site, &sample).into_iter().map(|page| (page.name, page.html));
    all.chain([("script".to_owned(), session_script_for(site, name))]).collect()
}

#[test]
fn every_page_is_whole_and_says_its_state_in_the_tab() {
    let mut titles = Vec::new();
    for (page, html) in all_pages(&ours(), "ann") {
        assert!(!html.contains("{{") && !html.contains("{%"), "{page}");
        if page == "script" {
            continue;
        }
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">"), "{page}: {html}");
        assert!(html.ends_with("</html>"), "{page}");
        assert_eq!(html.matches("<h1").count(), 1, "{page}");
        assert_eq!(html.matches(" autofocus").count(), 1, "{page}: the focus goes to one place");
        let title = html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        assert!(title.ends_with(" · Microblog"), "{page}: {title}");
        titles.push((page.split_whitespace().next().unwrap().to_owned(), title.to_owned()));
    }
    titles.sort();
    titles.dedup();
    // Login with and without a problem, four waits, fifteen ends, seven enrolments, sessions, three of a lost phone, away, forbidden, five messages.
    assert_eq!(titles.len(), 39, "{titles:#?}");
}

#[test]
fn names_are_text_and_no_markup() {
    for (page, html) in all_pages(&site(BAD, Texts::default()), BAD) {
        assert!(!html.contains("<script>") && !html.contains("alert(1)</script>"), "{page}: {html}");
        assert!(!html.contains("\"'&"), "{page}: a name ends an attribute");
        assert!(!html.contains("Sign in to <"), "{page}");
    }
    let html = OurPages.login(
        &site(BAD, Texts::default()),
        &LoginPage { login_name: BAD, return_to: "/", problem: None, keep: None },
    );
    // Also what looks like a placeholder of ours stays.
    assert!(html.contains("&#38;{application}"), "{html}");
}

#[test]
fn texts_are_text_and_no_markup() {
    let mut texts = Texts::default();
    texts.change_each(|_, _| "<i>\"'".to_owned());
    for (page, html) in all_pages(&site("Microblog", texts), "ann") {
        assert!(!html.contains("<i>") && !html.contains("\"'"), "{page}: {html}");
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    for (page, html) in all_pages(&ours(), "ann") {
        let html = html.replace("https://service.example", "");
        for forbidden in [" style=", "<style", "javascript:", "http://", "https://", "<base", "<iframe"] {
            assert!(!html.contains(forbidden), "{page}: {forbidden}");
        }
        let is_handler = |rest: &str| {
            rest.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_lowercase()))
        };
        assert!(
            !html.split([' ', '\n']).any(|word| word.strip_prefix("on").is_some_and(is_handler)),
            "{page}: {html}"
        );
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/auth/assets/login."), "{page}: {script}");
            assert!(script.split('>').nth(1).unwrap().starts_with("</script"), "{page}: {script}");
        }
        for part in html.split(['"']).filter(|part| part.starts_with("/auth/assets/")) {
            assert!(Assets::get(part.trim_start_matches("/auth/assets/")).is_some(), "{page}: {part}");
        }
    }
}

#[test]
fn every_text_is_used() {
    let mut texts = Texts::default();
    // The placeholders stay, for what stands in them is a text perhaps.
    texts.change_each(|field, text| format!("[{field}] {text}"));
    let all: String =
        all_pages(&site("Microblog", texts.clone()), "ann").into_iter().map(|(_, html)| html).collect();
    for field in Texts::NAMES {
        assert!(all.contains(&format!("[{field}]")), "{field} is said nowhere");
    }
}

#[test]
fn every_placeholder_is_filled() {
    for (page, html) in all_pages(&ours(), "ann") {
        // Those that the script fills.
        let html = html
            .replace("data-seconds=\"{seconds} s\"", "")
            .replace("=\"{seconds} seconds left to accept.\"", "");
        assert!(!html.contains('{'), "{page}: {html}");
    }
}

#[test]
fn every_control_has_a_label() {
    for (page, html) in all_pages(&ours(), "ann") {
        for input in html.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let id = input.split(" id=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
            let has_label = id.is_some_and(|id| html.contains(&format!("<label for=\"{id}\">")));
            assert!(input.contains("type=\"hidden\"") || has_label, "{page}: {input}");
        }
        for described in html.split("aria-describedby=\"").skip(1) {
            let id = described.split('"').next().unwrap();
            assert!(html.contains(&format!(" id=\"{id}\"")), "{page}: {id}");
        }
    }
}

#[test]
fn an_error_stands_in_the_summary_and_by_the_field() {
    let page = |problem| {
        OurPages.login(&ours(), &LoginPage { login_name: "ann", return_to: "/", problem, keep: None })
    };
    let html = page(Some(LoginProblem::EmptyName));
    assert_eq!(html.matches("Enter your user name.").count(), 2);
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"login_name_problem\" autofocus"));
    let html = page(Some(LoginProblem::TooMany { wait_seconds: 45 }));
    assert_eq!(html.matches("Try again in 45 seconds.").count(), 1);
    assert!(!html.contains("aria-invalid"));
    assert!(html.contains("value=\"ann\""));
}

/// The choice stands in each form, and is carried through the page that offers to try again.
#[test]
fn the_choice_to_stay_signed_in_is_offered_where_it_is_one() {
    let nameless = PageContext { offers_nameless: true, ..ours() };
    let page = |keep| LoginPage { login_name: "ann", return_to: "/", problem: None, keep };
    assert!(!OurPages.login(&nameless, &page(None)).contains("keep"));
    for is_chosen in [false, true] {
        let keep = Some(KeepChoice { is_chosen, otherwise_seconds: 28_800 });
        let html = OurPages.login(&nameless, &page(keep));
        assert_eq!(html.matches("name=\"keep\" type=\"checkbox\" value=\"yes\"").count(), 2, "{html}");
        assert_eq!(html.matches(" checked>").count(), if is_chosen { 2 } else { 0 }, "{html}");
        assert!(html.contains("after 8 hours"), "{html}");
        let (end, login_name, return_to) = (LoginEnd::Declined, "ann", "/");
        let page = EndPage { end, login_name, return_to, arrived: None, keeps: is_chosen };
        let html = OurPages.end(&ours(), &page);
        assert_eq!(html.contains("name=\"keep\" value=\"yes\""), is_chosen, "{html}");
    }
}

#[test]
fn pages_that_wait_go_on_without_a_script() {
    for (page, html) in all_pages(&ours(), "ann") {
        let waits =
            ["wait", "enrol Preparing", "enrol Link", "away"].iter().any(|waits| page.starts_with(waits));
        // With a script there must be no refresh: it would be one more reload, and take the focus.
        let refresh =
            |seconds| format!("<noscript><meta http-equiv=\"refresh\" content=\"{seconds}\"></noscript>");
        assert_eq!([2, 3, 5, 10].iter().any(|seconds| html.contains(&refresh(seconds))), waits, "{page}");
        assert_eq!(html.matches("refresh").count(), usize::from(waits), "{page}");
    }
}

#[test]
fn pages_of_a_session_watch_it() {
    for (page, html) in all_pages(&ours(), "ann") {
        let watches = ["away", "script"].contains(&page.as_str()) || page.starts_with("sessions ");
        assert_eq!(html.contains("data-session-events=\"/auth/session/events\""), watches, "{page}");
        assert_eq!(html.contains("data-session-cover"), page == "away", "{page}");
    }
}

#[test]
fn the_wait_page_tells_the_script_where_to_look() {
    let html = OurPages.wait(&ours(), &waiting("ann", false));
    assert!(html.contains("data-events=\"/auth/login/events?proof=pro%2Bof\""));
    assert!(html.contains("data-next=\"/auth/login/wait?proof=pro%2Bof&#38;shown=nothing\""), "{html}");
    assert!(html.contains("stroke-dashoffset=\"25\""));
    assert!(html.contains("id=\"trouble\" class=\"warning\" hidden"));
    assert!(!OurPages.wait(&ours(), &waiting("ann", true)).contains("class=\"warning\" hidden"));
    // A clock that jumped, and no time at all, break nothing.
    for (seconds_left, seconds_in_all) in [(500, 120), (0, 0), (u64::MAX, u64::MAX)] {
        let page = WaitPage { seconds_left, seconds_in_all, ..waiting("ann", false) };
        assert!(OurPages.wait(&ours(), &page).contains("stroke-dashoffset"));
    }
}

#[test]
fn what_is_tried_again_is_what_was_tried() {
    let page = EndPage {
        end: LoginEnd::Declined,
        login_name: "ann",
        return_to: "/posts?page=2",
        arrived: None,
        keeps: false,
    };
    let html = OurPages.end(&ours(), &page);
    assert!(
        html.contains("name=\"login_name\" value=\"ann\"")
            && html.contains("name=\"return_to\" value=\"/posts?page=2\"")
    );
    assert!(html.contains("href=\"/auth/login?next=%2Fposts%3Fpage%3D2\""));
    assert!(!html.contains("/auth/enrol"));
    let page = EndPage { end: LoginEnd::NoAnswer, ..page };
    assert!(OurPages.end(&ours(), &page).contains("href=\"/auth/enrol\""));
}

#[test]
fn a_qr_code_is_shown_if_there_is_one() {
    let page = |qr_svg| {
        let state = EnrolState::Link { url: LINK, qr_svg };
        OurPages.enrol(&ours(), &EnrolPage { name: "ann", state, return_to: "/" })
    };
    assert!(page(QR).contains("role=\"img\" aria-label=\"QR code of the registration link\"><svg"));
    assert!(!page(QR).contains("<?xml"));
    assert!(!page("").contains("class=\"qr\"") && page("").contains("Open the link"));
}

#[test]
fn what_proves_or_registers_is_not_in_debug_output() {
    let page = EnrolPage { name: "ann", state: ENROLS[1], return_to: "/" };
    let shown = format!("{page:?} {:?}", waiting("ann", false));
    assert!(!shown.contains("service.example") && !shown.contains("pro+of"), "{shown}");
}

#[test]
fn one_page_can_be_replaced() {
    struct Mine;
    impl Pages for Mine {
        fn away(&self, _site: &PageContext, _page: &AwayPage) -> String {
            "mine".to_owned()
        }
    }
    let pages: Box<dyn Pages> = Box::new(Mine);
    assert_eq!(pages.away(&ours(), &AwayPage), "mine");
    assert!(pages.message(&ours(), &MessagePage { title: "a", text: "b", link: None }).contains("<h1"));
}

#[test]
fn nobody_is_told_to_accept_before_the_phone_is_asked() {
    let texts = Texts::default();
    let accept = texts.wait_lead.as_ref();
    let preparing = WaitPage { is_asked: false, ..waiting("ann", false) };
    assert!(!OurPages.wait(&ours(), &preparing).contains(accept));
    assert!(OurPages.wait(&ours(), &preparing).contains("&#38;shown=preparing"));
    assert!(OurPages.wait(&ours(), &waiting("ann", false)).contains(accept));
    for end in ENDS {
        let page = EndPage { end, login_name: "ann", return_to: "/", arrived: None, keeps: false };
        assert!(!OurPages.end(&ours(), &page).to_lowercase().contains("accept"), "{end:?}");
    }
}

/// Each way has its form where it is on, and nowhere else; nothing says whether anybody has the name.
#[test]
fn the_page_about_a_lost_phone_offers_the_ways_that_are_on() {
    let wait = LostPhone::AfterWait(std::time::Duration::from_secs(86_400));
    let page = |state, ways: LostPhoneWays| {
        let page = LostPhonePage { name: Some("Ann"), state, ways, login_name: "ann", problem: None };
        OurPages.lost_phone(&ours(), &page)
    };
    let forms = |html: &str| {
        let to = |place: &str| html.contains(&format!("action=\"/auth/lost-phone{place}\""));
        (to("/code"), to("/add"), to(""))
    };
    let offer = LostPhoneState::Offer { wait_seconds: 86_400 };
    assert_eq!(forms(&page(offer, wait.into())), (false, false, true));
    assert_eq!(forms(&page(offer, [LostPhone::RecoveryCode, wait].into())), (true, false, true));
    assert_eq!(forms(&page(offer, [LostPhone::OtherPhone, wait].into())), (false, true, true));
    let adding = LostPhoneWays::from([LostPhone::RecoveryCode, LostPhone::OtherPhone]);
    assert_eq!(forms(&page(LostPhoneState::SignedIn, adding)), (true, true, false));
    let signed_out = page(LostPhoneState::SignIn, adding);
    assert_eq!(forms(&signed_out), (true, false, false));
    assert!(signed_out.contains("/auth/login?next=%2Fauth%2Flost%2Dphone"), "{signed_out}");
    assert_eq!(forms(&page(LostPhoneState::NotOffered, LostPhone::Off.into())), (false, false, false));
    assert!(!signed_out.contains("value=\"0123"));
}

/// A session or a browser of which nothing is known is another one, and the one that shows the page is marked.
#[test]
fn the_account_says_what_is_known_of_each_session() {
    let session = |browser: &str, system: &str, is_this_one| ListedSession {
        id: "id".to_owned(),
        browser: browser.to_owned(),
        system: system.to_owned(),
        address: "203.0.113.5".parse().ok().filter(|_| !browser.is_empty()),
        started_at: 1_767_225_600,
        started_ago_seconds: 60,
        is_this_one,
    };
    let sessions = [session("Firefox", "Windows", true), session("Lynx", "", false), session("", "", false)];
    let page = SessionsPage {
        name: "Ann",
        sessions: &sessions,
        browsers: &[],
        phone: RegisteredPhone::No,
        home: "/app/",
    };
    let html = OurPages.sessions(&ours(), &page);
    let items: Vec<_> = html.split("<li class=\"session\">").skip(1).collect();
    assert!(items[0].contains("This browser") && items[0].contains("<b>Firefox on Windows</b>"), "{html}");
    assert!(items[0].contains("From 203.0.113.5") && !items[0].contains("Another browser"), "{html}");
    assert!(items[1].contains("<b>Lynx</b>") && !items[1].contains("Another browser"), "{html}");
    assert!(items[2].contains("<b>Another browser</b>") && !items[2].contains("From"), "{html}");
    assert!(html.contains("No phone accepts your sign-ins") && html.contains("href=\"/app/\""), "{html}");
    // Names and addresses keep their order among words from right to left.
    let arabic = Texts::built_in().pop().unwrap();
    let html = OurPages.sessions(&site("Microblog", arabic), &page);
    for isolated in ["\u{2068}Firefox\u{2069}", "\u{2068}Windows\u{2069}", "\u{2068}203.0.113.5\u{2069}"] {
        assert!(html.contains(isolated), "{isolated}: {html}");
    }
}

#[test]
fn a_lost_phone_is_offered_only_where_the_application_has_chosen_it() {
    let off = PageContext::new("Microblog", Texts::default(), Links { mount_path: "/auth".to_owned() });
    let page = LoginPage { login_name: "", return_to: "/", problem: None, keep: None };
    assert!(OurPages.login(&ours(), &page).contains("/auth/lost-phone"));
    assert!(!OurPages.login(&off, &page).contains("lost-phone"));
    let page =
        EndPage { end: LoginEnd::NoAnswer, login_name: "ann", return_to: "/", arrived: None, keeps: false };
    assert!(!OurPages.end(&off, &page).contains("lost-phone"));
    let phone = RegisteredPhone::Yes;
    let page = SessionsPage { name: "Ann", sessions: &[], browsers: &[], phone, home: "/" };
    assert!(!OurPages.sessions(&off, &page).contains("lost-phone"));
}
