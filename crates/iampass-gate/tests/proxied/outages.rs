//! Ends and outages: sessions that the phone ends, a gate or a service that is gone, users who are taken out.

use std::time::Duration;

use crate::each_proxy;
use crate::http::SOON;
use crate::setting::Setting;

each_proxy!(
    a_logout_on_the_phone_and_a_walk_away_end_access,
    while_the_gate_is_gone_nobody_gets_in,
    while_the_service_is_gone_nobody_gets_in,
    a_user_who_is_taken_out_is_out,
);

async fn a_logout_on_the_phone_and_a_walk_away_end_access(setting: Setting) {
    let mut anna = setting.anna().await;
    setting.phone.walk_away().await.unwrap();
    let page = anna.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 403, "{page:?}");
    setting.site.arrived();
    assert_eq!(anna.fetch("/").await.status, 403);
    assert_eq!(setting.site.arrived(), [""; 0]);
    setting.phone.come_back().await.unwrap();
    anna.reload_until("/", |page| page.status == 200).await;
    setting.phone.log_out().await.unwrap();
    let page = anna.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 303, "{page:?}");
    setting.site.arrived();
    assert_eq!(anna.fetch("/").await.status, 401);
    assert_eq!(setting.site.arrived(), [""; 0]);
}

async fn while_the_gate_is_gone_nobody_gets_in(mut setting: Setting) {
    let mut anna = setting.anna().await;
    setting.kill_gate();
    for address in ["/", "/assets/x", "/admin", "/_iampass/login"] {
        for browser in [&mut anna, &mut setting.browser()] {
            let page = browser.get(address).await;
            assert!(page.status >= 500, "{address}: {page:?}");
        }
    }
    assert_eq!(setting.site.arrived(), [""; 0]);
}

async fn while_the_service_is_gone_nobody_gets_in(mut setting: Setting) {
    let mut anna = setting.anna().await;
    setting.service.stop().await.unwrap();
    let page = anna.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 503, "{page:?}");
    setting.site.arrived();
    let page = anna.fetch("/mine").await;
    assert!(page.status == 503 && page.text.contains("unavailable"), "{page:?}");
    assert_eq!(setting.browser().get("/").await.status, 303);
    assert_eq!(setting.site.arrived(), [""; 0]);
    // A public page needs no service, and the site hears of no user.
    let page = anna.get("/assets/x").await;
    assert_eq!((page.status, page.told()), (200, Vec::new()), "{page:?}");
    setting.service.start_again().await.unwrap();
    anna.reload_until("/", |page| page.status == 200).await;
}

async fn a_user_who_is_taken_out_is_out(setting: Setting) {
    let mut anna = setting.anna().await;
    let ops = "[[users]]\nlogin = 'anna'\ngroups = ['ops']\n";
    setting.write_users(ops);
    let page = anna.reload_until("/admin", |page| page.status == 200).await;
    assert_eq!(page.told(), ["remote-groups: ops", "remote-name: anna", "remote-user: anna"], "{page:?}");
    // A file that is wrong keeps those who were in it.
    setting.write_users("[[users]]\nlogin = 'anna'\n[[users");
    let began = std::time::Instant::now();
    while !String::from_utf8_lossy(&setting.command().arg("health").output().unwrap().stderr)
        .contains("is wrong")
    {
        assert!(began.elapsed() < SOON, "the trouble is not told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(anna.get("/admin").await.status, 200);
    setting.write_users("[[users]]\nlogin = 'otto'\n");
    let page = anna.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 303, "{page:?}");
    setting.site.arrived();
    assert_eq!(anna.get("/admin").await.status, 303);
    assert_eq!(setting.site.arrived(), [""; 0]);
}
