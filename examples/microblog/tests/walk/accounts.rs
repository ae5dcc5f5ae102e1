//! The owner of a name: the user who signed up with it, and no one who has not shown to be that user.

use iampass_testkit::VirtualPhone;
use microblog::users::{HELD, User, Users, row};
use sea_orm::prelude::{ChronoUtc, DateTimeUtc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::browser::SOON;
use crate::setting::Setting;

const TAKEN: &str = "This name is taken";

impl Setting {
    /// As if that sign-up had been long ago.
    async fn let_time_pass(&self, name: &str) {
        let then: DateTimeUtc = ChronoUtc::now() - HELD;
        let users = row::Entity::update_many().col_expr(row::Column::SignedUpAt, Expr::value(then));
        users.filter(row::Column::Name.eq(name)).exec(&self.database).await.unwrap();
    }

    async fn named(&self, name: &str) -> Option<User> {
        Users::new(self.database.clone()).named(name).await.unwrap()
    }

    #[track_caller]
    fn is_taken(&self, name: &'static str) -> impl Future<Output = ()> {
        let mut other = self.browser();
        async move {
            let page = other.post("/sign-up", &[("name", name), ("display_name", "Somebody else")]).await;
            page.is(409, TAKEN);
            assert!(!other.has_cookies(), "there is no ticket for it");
        }
    }
}

#[tokio::test]
async fn the_name_of_a_user_is_taken_for_good() {
    let setting = Setting::start().await;
    let (_, phone) = setting.user("anna", "Anna").await;
    setting.is_taken("anna").await;
    setting.is_taken("ANNA").await;
    setting.let_time_pass("anna").await;
    setting.is_taken("anna").await;
    // Also while there is no phone: the old one was lost, and the new one is not registered yet.
    phone.unregister().await.unwrap();
    setting.is_taken("anna").await;
    assert_eq!(setting.named("anna").await.unwrap().display_name, "Anna");
}

#[tokio::test]
async fn a_name_without_a_phone_is_held_and_then_given_to_another_user() {
    let setting = Setting::start().await;
    let mut first = setting.browser();
    let link = setting.sign_up(&mut first, "anna", "First").await;
    setting.is_taken("anna").await;
    first.get("/u/anna").await.is(404, "Page not found");
    first.get("/auth/enrol").await.shows("/r/");

    setting.let_time_pass("anna").await;
    let old = setting.named("anna").await.unwrap();
    let (mut second, phone) = setting.user("anna", "Second").await;
    let new = setting.named("anna").await.unwrap();
    assert_ne!(old.id, new.id);
    assert_eq!(new.display_name, "Second");

    // The old link leads into nobody's account.
    if let Ok(late) = setting.service.register_phone(&link).await {
        assert!(asks_nobody(&setting, &late).await);
    }
    setting.sign_in(&mut second, &phone, "anna", "/").await;
    // The old ticket is one for a user who is no more.
    let page = first.get("/auth/enrol").await;
    assert!(!page.text.contains("Second"), "{}", page.text);
    setting.is_taken("anna").await;
}

/// Whether a login by that name does not ask this phone.
async fn asks_nobody(setting: &Setting, phone: &VirtualPhone) -> bool {
    let mut browser = setting.browser();
    browser.post("/auth/login", &[("login_name", "anna")]).await;
    phone.accept_next(std::time::Duration::from_secs(2)).await.is_err()
}

#[tokio::test]
async fn a_name_with_a_phone_stays_with_who_has_the_phone() {
    let setting = Setting::start().await;
    let mut browser = setting.browser();
    let phone = setting.enrol(&mut browser, "anna", "Anna").await;
    setting.let_time_pass("anna").await;
    setting.is_taken("anna").await;
    setting.sign_in(&mut browser, &phone, "anna", "/welcome").await;
    browser.get("/welcome").await.shows("Anna");
    assert!(setting.named("anna").await.unwrap().arrived_at.is_some());
}

#[tokio::test]
async fn a_name_is_not_given_away_while_nobody_can_tell() {
    let mut setting = Setting::start().await;
    let mut browser = setting.browser();
    let phone = setting.enrol(&mut browser, "anna", "Anna").await;
    setting.let_time_pass("anna").await;
    setting.service.stop().await.unwrap();
    let fields = [("name", "anna"), ("display_name", "Somebody else")];
    setting.browser().post("/sign-up", &fields).await.is(503, "Try again");
    setting.service.start_again().await.unwrap();
    setting.is_taken("anna").await;
    let began = std::time::Instant::now();
    while phone.active_sessions().await.is_err() {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn of_two_at_once_one_gets_the_name() {
    let setting = Setting::start().await;
    let sign_up = |mut browser: crate::browser::Browser| async move {
        browser.post("/sign-up", &[("name", "anna"), ("display_name", "Anna")]).await.status
    };
    let tries: Vec<_> = (0..8).map(|_| tokio::spawn(sign_up(setting.browser()))).collect();
    let mut done = Vec::new();
    for each in tries {
        done.push(each.await.unwrap());
    }
    done.sort_unstable();
    assert_eq!(done, [303, 409, 409, 409, 409, 409, 409, 409]);
}
