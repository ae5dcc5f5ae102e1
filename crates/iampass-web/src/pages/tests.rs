//! Every page in every state: that it renders, escapes, loads nothing from elsewhere, keeps to the policy, and that every text is used.

use super::*;

/// All that a name could do harm with.
const BAD: &str = "<script>alert(1)</script>\"'&{application}";

const QR: &str = "<?xml version=\"1.0\"?><svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>";
const LINK: &str = "https://service.example/r/abc?d=1&e=2";

fn site(name: &str, texts: Texts) -> PageContext {
    PageContext {
        offers_lost_phone: true,
        ..PageContext::new(name, texts, Links { mount_path: "/auth".to_owned() })
    }
}

fn ours() -> PageContext {
    site("Microblog", Texts::default())
}

const PROBLEMS: [LoginProblem; 8] = [
    LoginProblem::EmptyName,
    LoginProblem::NameTooLong,
    LoginProblem::TooMany { wait_seconds: 1 },
    LoginProblem::TooMany { wait_seconds: 300 },
    LoginProblem::TooMany { wait_seconds: 45 },
    LoginProblem::TooMany { wait_seconds: 8_000 },
    LoginProblem::ServiceUnreachable,
    LoginProblem::CrossSite,
];

const ENDS: [LoginEnd; 11] = [
    LoginEnd::Declined,
    LoginEnd::NoAnswer,
    LoginEnd::Cancelled,
    LoginEnd::Failed,
    LoginEnd::Unreachable,
    LoginEnd::CompletedElsewhere,
    LoginEnd::Replaced,
    LoginEnd::Superseded,
    LoginEnd::Busy,
    LoginEnd::Paused,
    LoginEnd::Refused,
];

const LOST: [LostPhoneState; 6] = [
    LostPhoneState::NotOffered,
    LostPhoneState::SignIn,
    LostPhoneState::Offer { wait_seconds: 86_400 },
    LostPhoneState::Waiting { seconds_left: 3_600, is_own: true },
    LostPhoneState::Waiting { seconds_left: 3_600, is_own: false },
    LostPhoneState::Ready,
];

const ENROLS: [EnrolState<'_>; 6] = [
    EnrolState::Preparing,
    EnrolState::Link { url: LINK, qr_svg: QR },
    EnrolState::Registered,
    EnrolState::NotInTime,
    EnrolState::Failed,
    EnrolState::NoTicket,
];

fn waiting<'a>(name: &'a str, trouble: bool) -> WaitPage<'a> {
    WaitPage {
        application: name,
        login_name: name,
        proof: "pro+of",
        seconds_left: 90,
        seconds_in_all: 120,
        is_asked: true,
        has_displaced: false,
        trouble,
    }
}

fn listed(id: &str, started_ago_seconds: u64, is_this_one: bool) -> ListedSession {
    ListedSession { id: id.to_owned(), started_at: 1_767_225_600, started_ago_seconds, is_this_one }
}

fn known(id: &str, used_ago_seconds: u64, is_this_one: bool) -> ListedBrowser {
    ListedBrowser { id: id.to_owned(), used_at: 1_767_225_600, used_ago_seconds, is_this_one }
}

/// Each page in each state, with this name wherever one stands, and what it is called.
fn all_pages(site: &PageContext, name: &str) -> Vec<(String, String)> {
    let pages = OurPages;
    let return_to = "/posts?page=2&x=\"><script>";
    let mut all = Vec::new();
    let mut add = |title: &str, html| all.push((title.to_owned(), html));
    for problem in [None].into_iter().chain(PROBLEMS.map(Some)) {
        let page = LoginPage { login_name: name, return_to, problem };
        add(&format!("login {problem:?}"), pages.login(site, &page));
    }
    for trouble in [false, true] {
        add(&format!("wait {trouble}"), pages.wait(site, &waiting(name, trouble)));
    }
    let preparing = WaitPage { is_asked: false, has_displaced: true, ..waiting(name, false) };
    add("wait preparing", pages.wait(site, &preparing));
    for end in ENDS {
        let page = EndPage { end, login_name: name, return_to, arrived: Some("/auth/login/arrived?page=x") };
        add(&format!("end {end:?}"), pages.end(site, &page));
    }
    for state in ENROLS {
        add(&format!("enrol {state:?}"), pages.enrol(site, &EnrolPage { name, state, return_to }));
    }
    let ages = [0, 60, 300, 3_600, 9_000, 86_400, 864_000];
    let sessions: Vec<_> = ages.iter().map(|&age| listed(name, age, age == 0)).collect();
    let browsers = [known(name, 60, true), known(name, 864_000, false)];
    add("sessions", pages.sessions(site, &SessionsPage { name, sessions: &sessions, browsers: &browsers }));
    for state in LOST {
        add(
            &format!("lost_phone {state:?}"),
            pages.lost_phone(site, &LostPhonePage { name: Some(name), state }),
        );
    }
    add("away", pages.away(site, &AwayPage));
    let texts = &site.texts;
    for (title, text) in [
        (&texts.unavailable_title, &texts.unavailable_text),
        (&texts.cross_site_title, &texts.cross_site_text),
        (&texts.not_found_title, &texts.not_found_text),
    ] {
        let link = Some(MessageLink { address: "/", label: name });
        add(&format!("message {title}"), pages.message(site, &MessagePage { title, text, link }));
    }
    let label = texts.cross_site_link.replace("{address}", "app.example");
    let link = Some(MessageLink { address: "/", label: &label });
    let page = MessagePage { title: &texts.cross_site_title, text: &texts.cross_site_text, link };
    add("message with a text", pages.message(site, &page));
    add("script", session_script_for(site, name));
    all
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
    // Login with and without a problem, two waits, eleven ends, six enrolments, sessions, lost phone, away, three messages.
    assert_eq!(titles.len(), 27, "{titles:#?}");
}

#[test]
fn names_are_text_and_no_markup() {
    for (page, html) in all_pages(&site(BAD, Texts::default()), BAD) {
        assert!(!html.contains("<script>") && !html.contains("alert(1)</script>"), "{page}: {html}");
        assert!(!html.contains("\"'&"), "{page}: a name ends an attribute");
        assert!(!html.contains("Sign in to <"), "{page}");
    }
    let html = OurPages
        .login(&site(BAD, Texts::default()), &LoginPage { login_name: BAD, return_to: "/", problem: None });
    // Also what looks like a placeholder of ours stays.
    assert!(html.contains("&#38;{application}"), "{html}");
}

#[test]
fn texts_are_text_and_no_markup() {
    let mut texts = Texts::default();
    for (_, text) in texts.each_mut() {
        *text = "<i>\"'".into();
    }
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
    for (field, text) in texts.each_mut() {
        // The placeholders stay, for what stands in them is a text perhaps.
        *text = format!("[{field}] {text}").into();
    }
    let all: String =
        all_pages(&site("Microblog", texts.clone()), "ann").into_iter().map(|(_, html)| html).collect();
    for (field, _) in texts.each_mut() {
        assert!(all.contains(&format!("[{field}]")), "{field} is said nowhere");
    }
}

#[test]
fn every_placeholder_is_filled() {
    for (page, html) in all_pages(&ours(), "ann") {
        // Those that the script fills.
        let html = html
            .replace("data-seconds=\"{seconds} s\"", "")
            .replace("=\"{seconds} seconds left to answer.\"", "");
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
    let page = |problem| OurPages.login(&ours(), &LoginPage { login_name: "ann", return_to: "/", problem });
    let html = page(Some(LoginProblem::EmptyName));
    assert_eq!(html.matches("Enter your user name.").count(), 2);
    assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"login_name_problem\" autofocus"));
    let html = page(Some(LoginProblem::TooMany { wait_seconds: 45 }));
    assert_eq!(html.matches("Try again in 45 seconds.").count(), 1);
    assert!(!html.contains("aria-invalid"));
    assert!(html.contains("value=\"ann\""));
}

#[test]
fn pages_that_wait_go_on_without_a_script() {
    for (page, html) in all_pages(&ours(), "ann") {
        let waits =
            ["wait", "enrol Preparing", "enrol Link", "away"].iter().any(|waits| page.starts_with(waits));
        // With a script there must be no refresh: it would be one more reload, and take the focus.
        let refresh =
            |seconds| format!("<noscript><meta http-equiv=\"refresh\" content=\"{seconds}\"></noscript>");
        assert_eq!([2, 5, 10].iter().any(|seconds| html.contains(&refresh(seconds))), waits, "{page}");
        assert_eq!(html.matches("refresh").count(), usize::from(waits), "{page}");
    }
}

#[test]
fn pages_of_a_session_watch_it() {
    for (page, html) in all_pages(&ours(), "ann") {
        let watches = ["sessions", "away", "script"].contains(&page.as_str());
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
    let page =
        EndPage { end: LoginEnd::Declined, login_name: "ann", return_to: "/posts?page=2", arrived: None };
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
        let page = EndPage { end, login_name: "ann", return_to: "/", arrived: None };
        assert!(!OurPages.end(&ours(), &page).to_lowercase().contains("accept"), "{end:?}");
    }
}

#[test]
fn a_lost_phone_is_offered_only_where_the_application_has_chosen_it() {
    let off = PageContext::new("Microblog", Texts::default(), Links { mount_path: "/auth".to_owned() });
    let page = LoginPage { login_name: "", return_to: "/", problem: None };
    assert!(OurPages.login(&ours(), &page).contains("/auth/lost-phone"));
    assert!(!OurPages.login(&off, &page).contains("lost-phone"));
    let page = EndPage { end: LoginEnd::NoAnswer, login_name: "ann", return_to: "/", arrived: None };
    assert!(!OurPages.end(&off, &page).contains("lost-phone"));
    let page = SessionsPage { name: "Ann", sessions: &[], browsers: &[] };
    assert!(!OurPages.sessions(&off, &page).contains("lost-phone"));
}
