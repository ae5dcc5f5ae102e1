//! Attacks on the Console of the running program.

use std::sync::Arc;

use iampass_core::RegistrationLink;
use iampass_testkit::VirtualPhone;

use crate::browser::{Browser, Page};
use crate::ground::Ground;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 1] = [attack!(
    "removed-member-and-old-invitation",
    "somebody who was removed from an application goes on, with pages of before and invitations of before",
    removed
)];

/// Somebody with an account of the Console.
struct Visitor {
    browser: Browser,
    phone: VirtualPhone,
    name: String,
}

impl Visitor {
    /// Makes an account by a link of the Console, and signs in.
    async fn by_link(ground: &Ground, link: &str, name: &str) -> Result<Self, Failure> {
        let mut browser = Browser::new(&ground.service.server, "127.0.0.1", "/console/auth")?;
        let made = browser.post(link, &[("name", name)]).await?;
        works_page(&made, 303, "an account")?;
        let page = browser.get("/console/auth/enrol").await?;
        let link = page.text.split('"').find(|text| text.contains("/r/")).ok_or("the page shows no link")?;
        let phone = VirtualPhone::register(&RegistrationLink::parse(link)?).await?;
        let mut visitor = Self { browser, phone, name: name.to_owned() };
        visitor.sign_in().await?;
        Ok(visitor)
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        self.browser.sign_in(&self.phone, &self.name).await
    }
}

fn works_page(page: &Page, status: u16, what: &str) -> Result<(), Failure> {
    if page.status == status { Ok(()) } else { Err(format!("{what}: {}", page.status).into()) }
}

async fn invited(admin: &mut Visitor, application: &str) -> Result<String, Failure> {
    let path = format!("/console/applications/{application}/members/invite");
    let page = admin.browser.post(&path, &[("role", "owner")]).await?;
    works_page(&page, 201, "an invitation")?;
    let link = page
        .text
        .split('"')
        .find(|text| text.contains("/console/join/"))
        .ok_or("the page shows no invitation")?;
    let at = link.find("/console/join/").unwrap_or_default();
    Ok(link.get(at..).unwrap_or_default().to_owned())
}

/// The paths below the Console that a page names and that end like this.
fn links_in(page: &str, end: &str) -> Vec<String> {
    let named = page.split('"').filter(|text| text.ends_with(end));
    named.filter_map(|text| text.find("/console/").and_then(|at| text.get(at..))).map(str::to_owned).collect()
}

async fn removed(ground: Arc<Ground>) -> Outcome {
    let link = ground.service.administrator_link()?;
    let mut admin = Visitor::by_link(&ground, &link, "olga").await?;
    let page = admin.browser.post("/console/applications/new", &[("name", "Plans")]).await?;
    works_page(&page, 201, "an application")?;
    let id =
        page.text.split_once("id=\"credential_id\"").and_then(|(_, after)| after.split("value=\"").nth(1));
    let id = id.and_then(|rest| rest.split('"').next()).ok_or("the page shows no id")?.to_owned();
    let (used, open) = (invited(&mut admin, &id).await?, invited(&mut admin, &id).await?);
    let mut member = Visitor::by_link(&ground, &used, "bert").await?;
    let place = |path: &str| format!("/console/applications/{id}{path}");
    works_page(&member.browser.get(&place("")).await?, 200, "the member's page")?;
    // An invitation of the member's own, as long as that is possible.
    let own = invited(&mut member, &id).await?;

    let members = admin.browser.get(&place("/members")).await?.text;
    let mut is_removed = false;
    for path in links_in(&members, "/remove") {
        is_removed |= admin.browser.post(&path, &[("typed", "bert")]).await?.status == 303;
    }
    works!(is_removed, "the member cannot be removed");

    for path in ["", "/members", "/users", "/settings", "/sessions", "/log"] {
        let page = member.browser.get(&place(path)).await?;
        hold!(page.status >= 400, "the removed member reads {path}: {}", page.status);
    }
    let posts: [(&str, &[(&str, &str)]); 3] = [
        ("/members/invite", &[("role", "owner")]),
        ("/members/add", &[("name", "bert"), ("role", "owner")]),
        ("/users/add", &[("user", "mallory")]),
    ];
    for (path, fields) in posts {
        let page = member.browser.post(&place(path), fields).await?;
        hold!(page.status >= 400, "the removed member posts {path}: {}", page.status);
    }
    // The invitation that made the member, and the one that the member has kept.
    let page = member.browser.post(&used, &[]).await?;
    hold!(page.status == 410, "a used invitation is taken again: {}", page.status);
    let page = member.browser.post(&own, &[]).await?;
    let reads = member.browser.get(&place("")).await?.status;
    hold!(reads >= 400, "an invitation that the removed member has made lets back in: {}", page.status);
    let mut forged = open.clone();
    forged.pop();
    let page = member.browser.post(&forged, &[]).await?;
    hold!(page.status == 410, "a forged invitation is taken: {}", page.status);
    Verdict::defeated("404 for each page and form, 410 for each old invitation")
}
