//! Case r08: limits that are meant as none, or as never again, are taken as they are.

use std::time::Duration;

use iampass_web::{Limits, Rate};

use crate::axum_site::Axum;
use crate::setting::Setting;

fn all(rate: Rate) -> Limits {
    Limits::default().per_user(rate).per_user_and_network(rate).per_known_browser(rate).per_address(rate)
}

async fn begun(setting: &Setting, starts: usize) -> usize {
    let mut begun = 0;
    for _ in 0..starts {
        let page = setting.browser().post("/auth/login", &[("login_name", "carl")]).await;
        begun += usize::from(page.status == 303);
    }
    begun
}

#[tokio::test]
async fn a_limit_that_is_meant_as_none_is_none() {
    let setting = Setting::with::<Axum>(1, |builder| {
        let none = Rate { burst: u32::MAX, every: Duration::from_nanos(1) };
        builder.answer_step(Duration::from_millis(1)).limits(all(none))
    })
    .await;
    assert_eq!(begun(&setting, 60).await, 60);
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);
}

#[tokio::test]
async fn a_burst_without_end_and_a_pause_without_end_are_taken() {
    let setting = Setting::with::<Axum>(1, |builder| {
        let once = Rate { burst: u32::MAX, every: Duration::MAX };
        builder.answer_step(Duration::from_millis(1)).limits(all(once))
    })
    .await;
    assert_eq!(begun(&setting, 60).await, 60);
}

#[tokio::test]
async fn a_limit_of_one_is_one() {
    let setting = Setting::with::<Axum>(1, |builder| {
        let once = Rate { burst: 1, every: Duration::MAX };
        builder.answer_step(Duration::from_millis(1)).limits(all(once))
    })
    .await;
    assert_eq!(begun(&setting, 5).await, 1);
}
