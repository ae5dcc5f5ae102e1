//! [`code_on_page`]: what a test reads off a login page.

/// The marks of the two groups of digits on the pages of `iampass-web`.
const GROUP: &str = "class=\"code-group\">";

/// The six digits that a login page of `iampass-web` shows, for [`VirtualPhone::accept_code`](crate::VirtualPhone::accept_code). None while the
/// page shows none: it does so when the question is put, so load it again.
///
/// A page with a template of the application's own has its digits elsewhere.
///
/// ```
/// use iampass_testkit::code_on_page;
///
/// let page = r#"<p class="code"><span class="code-group">482</span><span class="code-group">913</span></p>"#;
/// assert_eq!(code_on_page(page).as_deref(), Some("482913"));
/// assert_eq!(code_on_page("<p>Please wait</p>"), None);
/// ```
#[must_use]
pub fn code_on_page(html: &str) -> Option<String> {
    let groups = html.split(GROUP).skip(1).map(|rest| rest.split('<').next().unwrap_or_default());
    let digits: String = groups.collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}
