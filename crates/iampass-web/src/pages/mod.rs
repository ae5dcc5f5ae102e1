//! STUB by the founder so that the rest compiles: to be replaced as a whole by the real pages.
#![allow(missing_docs, missing_debug_implementations)]
pub struct Links {
    pub mount: String,
}
impl Links {
    fn to(&self, p: &str) -> String {
        format!("{}{p}", self.mount)
    }
    pub fn login(&self) -> String {
        self.to("/login")
    }
    pub fn wait(&self, proof: &str) -> String {
        self.to(&format!("/login/wait?proof={proof}"))
    }
    pub fn enrol(&self) -> String {
        self.to("/enrol")
    }
    pub fn sessions(&self) -> String {
        self.to("/sessions")
    }
    pub fn lost_phone(&self) -> String {
        self.to("/lost-phone")
    }
}
pub struct LoginPage<'a> {
    pub login_name: &'a str,
    pub return_to: &'a str,
    pub problem: Option<LoginProblem>,
}
#[derive(Debug)]
pub enum LoginProblem {
    EmptyName,
    NameTooLong,
    TooMany { wait_seconds: u64 },
    AlreadyAsking { wait_seconds: u64 },
    ServiceUnreachable,
    CrossSite,
}
pub struct WaitPage<'a> {
    pub application: &'a str,
    pub login_name: &'a str,
    pub proof: &'a str,
    pub seconds_left: u64,
    pub seconds_in_all: u64,
    pub trouble: bool,
}
pub struct EndPage<'a> {
    pub end: LoginEnd,
    pub login_name: &'a str,
    pub return_to: &'a str,
}
#[derive(Clone, Copy, Debug)]
pub enum LoginEnd {
    Declined,
    NoAnswer,
    Cancelled,
    Failed,
    Unreachable,
    CompletedElsewhere,
}
pub struct EnrolPage<'a> {
    pub name: &'a str,
    pub state: EnrolState<'a>,
    pub return_to: &'a str,
}
pub enum EnrolState<'a> {
    Preparing,
    Link { url: &'a str, qr_svg: &'a str },
    Registered,
    NotInTime,
    Failed,
    NoTicket,
}
pub struct SessionsPage<'a> {
    pub name: &'a str,
    pub sessions: &'a [ListedSession],
}
pub struct ListedSession {
    pub id: String,
    pub started_at: u64,
    pub started_ago_seconds: u64,
    pub is_this_one: bool,
}
pub struct LostPhonePage<'a> {
    pub name: Option<&'a str>,
}
pub struct AwayPage;
pub struct MessagePage<'a> {
    pub title: &'a str,
    pub text: &'a str,
    pub link: Option<(&'a str, &'a str)>,
}
pub struct OurPages;
impl Pages for OurPages {}
pub trait Pages: Send + Sync {
    fn login(&self, _: &Site, p: &LoginPage<'_>) -> String {
        format!("login {:?}", p.problem)
    }
    fn wait(&self, _: &Site, p: &WaitPage<'_>) -> String {
        format!("wait {}", p.seconds_left)
    }
    fn end(&self, _: &Site, p: &EndPage<'_>) -> String {
        format!("end {:?}", p.end)
    }
    fn enrol(&self, _: &Site, p: &EnrolPage<'_>) -> String {
        match p.state {
            EnrolState::Link { url, .. } => format!("enrol {url}"),
            EnrolState::Registered => "registered".into(),
            _ => "enrol".into(),
        }
    }
    fn sessions(&self, _: &Site, p: &SessionsPage<'_>) -> String {
        format!("sessions {}", p.sessions.iter().map(|s| s.id.clone()).collect::<Vec<_>>().join(" "))
    }
    fn lost_phone(&self, _: &Site, _: &LostPhonePage<'_>) -> String {
        "lost".into()
    }
    fn away(&self, _: &Site, _: &AwayPage) -> String {
        "away".into()
    }
    fn message(&self, _: &Site, p: &MessagePage<'_>) -> String {
        p.title.into()
    }
}
pub struct Site {
    pub name: String,
    pub texts: Texts,
    pub links: Links,
}
impl Site {
    pub fn new(name: String, texts: Texts, links: Links) -> Self {
        Self { name, texts, links }
    }
}
#[derive(Default)]
pub struct Texts {
    pub not_found_title: String,
    pub not_found_text: String,
    pub unavailable_title: String,
    pub unavailable_text: String,
    pub cross_site_title: String,
    pub cross_site_text: String,
}
pub struct Assets;
impl Assets {
    pub fn get(_: &str) -> Option<(&'static str, &'static [u8])> {
        None
    }
}
