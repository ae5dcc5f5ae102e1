//! A sign-up and a login, with the service in this process and a phone that is driven from here.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use iampass::RegistrationLink;
use iampass_testkit::{TestService, code_on_page};

#[tokio::test]
async fn anna_signs_up_and_logs_in() -> Result<(), Box<dyn Error>> {
    let service = TestService::start().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let application = crate::application(service.client_builder(), &origin)?;
    let application = application.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, application).await });

    // The browser keeps cookies, follows redirects, and says which page a form comes from.
    let browser = reqwest::Client::builder()
        .cookie_store(true)
        .no_proxy()
        .build()?;
    let post = |path: &str, field: &str, value: &str| {
        let form = browser
            .post(format!("{origin}{path}"))
            .header("origin", &origin);
        form.form(&[(field, value)]).send()
    };
    assert_eq!(
        browser.get(&origin).send().await?.status(),
        401,
        "a stranger is not let in"
    );

    let page = post("/sign-up", "name", "anna").await?.text().await?;
    let link = page
        .split('"')
        .find(|part| part.contains("/r/"))
        .ok_or("no link on the page")?;
    let phone = service
        .register_phone(&RegistrationLink::parse(link)?)
        .await?;

    let wait = post("/auth/login", "login_name", "anna")
        .await?
        .url()
        .clone();
    let digits = until(&browser, &wait, code_on_page).await?;
    phone.accept_code(&digits).await?;
    until(&browser, &wait, |page| {
        page.contains("Hello anna").then_some(())
    })
    .await
}

/// Loads a page again and again, until `read` finds on it what it looks for.
async fn until<T>(
    browser: &reqwest::Client,
    url: &reqwest::Url,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Box<dyn Error>> {
    for _ in 0..600 {
        let page = browser.get(url.clone()).send().await?.text().await?;
        if let Some(found) = read(&page) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the page did not show it in time".into())
}
