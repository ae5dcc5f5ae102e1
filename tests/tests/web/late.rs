//! Questions that come late: a service or a network that is slow puts a stranger's question on the phone when its attempt is over, or is about
//! to be. The owner accepts whatever is on the phone while the owner's own page says so. No stranger is let in by that.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iampass_core::machine::LoginOptions;
use tokio::sync::Notify;

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::faulty::Faulty;
use crate::setting::SOON;

const ACCEPT: &str = "Accept the request on your phone";
const DEADLINE: Duration = Duration::from_millis(5_000);

/// When a stranger comes back to the page.
#[derive(Clone, Copy, Debug)]
enum Returns {
    AllTheTime,
    /// So nothing of its page ends its attempt before.
    OnceTheOwnerAccepted,
}

/// Comes back to the page, and tells whether it was let in.
async fn stranger(mut browser: Browser, wait: String, returns: Returns, accepted: Arc<Notify>) -> bool {
    if matches!(returns, Returns::OnceTheOwnerAccepted) {
        let _ = tokio::time::timeout(DEADLINE * 2, accepted.notified()).await;
    }
    let until = tokio::time::Instant::now() + DEADLINE * 2;
    while tokio::time::Instant::now() < until {
        if browser.get(&wait).await.status == 303 && browser.is_in().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
    browser.is_in().await
}

/// Milliseconds from the start of the first stranger's attempt.
#[derive(Clone, Copy, Debug)]
struct Course {
    first_takes: u64,
    /// A second stranger displaces the first one then, with a question that takes so long.
    second: Option<(u64, u64)>,
    owner_at: u64,
    returns: Returns,
}

async fn is_safe(course: Course) -> bool {
    let faulty = Faulty::start().await;
    let options = LoginOptions::default().deadline(DEADLINE);
    let node = faulty.node_with::<Axum>(|client| client, |login| login.login_options(options)).await;
    let begun = tokio::time::Instant::now();
    let at = |millis| tokio::time::sleep_until(begun + Duration::from_millis(millis));

    let accepted = Arc::new(Notify::new());
    let returns =
        |browser, wait| tokio::spawn(stranger(browser, wait, course.returns, Arc::clone(&accepted)));

    faulty.way.next_question_takes.store(course.first_takes, Ordering::SeqCst);
    let mut first = node.browser();
    let wait = first.begin("anna").await;
    let mut strangers = vec![returns(first, wait)];
    if let Some((second_at, takes)) = course.second {
        at(second_at).await;
        let mut second = node.browser();
        let wait = second.begin("ANNA").await;
        faulty.way.next_question_takes.store(takes, Ordering::SeqCst);
        strangers.push(returns(second, wait));
    }
    at(course.owner_at).await;
    let mut owner = node.browser();
    let wait = owner.begin("anna").await;
    let phone = async {
        loop {
            let page = owner.get(&wait).await;
            if page.status == 303 {
                return true;
            }
            if page.text.contains(ACCEPT) {
                for question in faulty.anna.pending().await.unwrap() {
                    let _ = faulty.anna.accept(&question).await;
                    accepted.notify_waiters();
                }
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    let is_owner_in = tokio::time::timeout(DEADLINE + SOON / 4, phone).await.unwrap_or(false);
    let mut is_stranger_in = false;
    for stranger in strangers {
        is_stranger_in |= stranger.await.unwrap();
    }
    println!("{course:?}: owner in: {is_owner_in}, a stranger in: {is_stranger_in}");
    !is_stranger_in
}

/// Around the end of the first attempt, and around the instant at which its question comes.
#[tokio::test]
async fn no_stranger_gets_in_by_a_late_question() {
    let mut courses = Vec::new();
    for owner_at in [4_700, 4_950, 5_050, 5_450, 5_900] {
        for returns in [Returns::AllTheTime, Returns::OnceTheOwnerAccepted] {
            for first_takes in [0, 4_800, 5_100, 5_600] {
                courses.push(Course { first_takes, second: None, owner_at, returns });
            }
            for takes in [1_300, 1_900, 2_600] {
                courses.push(Course { first_takes: 300, second: Some((400, takes)), owner_at, returns });
            }
        }
    }
    let tried = courses.into_iter().map(|course| async move { (is_safe(course).await, course) });
    let tried = futures_util::future::join_all(tried).await;
    let unsafe_ones: Vec<_> =
        tried.into_iter().filter(|(is_safe, _)| !is_safe).map(|(_, course)| course).collect();
    assert!(unsafe_ones.is_empty(), "a stranger got in: {unsafe_ones:?}");
}
