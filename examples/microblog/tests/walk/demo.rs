//! The walk that `cargo xtask demo --auto` shows. Cargo compiles examples and runs none of them, so its file is taken in here.

#[allow(dead_code, reason = "`main` is the example's own")]
#[path = "../../examples/walk.rs"]
mod example;

use microblog::users::Users;

use crate::browser::Browser;
use crate::setting::Setting;

#[tokio::test]
async fn the_walk_of_the_demo_comes_to_its_end() {
    let setting = Setting::start().await;
    example::walk(setting.origin()).await.unwrap();
    let ann = Users::new(setting.database.clone()).named("ann").await.unwrap().unwrap();
    assert!(ann.arrived_at.is_some(), "she was in");
    Browser::new(setting.origin()).get("/explore").await.shows("My first post");
}

#[tokio::test]
async fn the_walk_of_the_demo_says_where_it_stopped() {
    let setting = Setting::start().await;
    example::walk(setting.origin()).await.unwrap();
    let stopped = example::walk(setting.origin()).await.unwrap_err().to_string();
    assert!(stopped.contains("signing up") && stopped.contains("409"), "{stopped}");
}
