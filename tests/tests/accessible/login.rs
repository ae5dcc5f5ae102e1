//! The pages of the login: all of them in English, and one of each kind in Arabic, and in English whose words are half as long again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use iampass_texts::{Messages, built_in};
use iampass_web::pages::{Assets, LanguageChoice, Links, OurPages, PageContext, Texts, samples};

use crate::snapshot::Snapshot;

fn longer(text: &str) -> Cow<'_, str> {
    fluent_pseudo::transform(text, false, true)
}

/// All of them, in all states.
pub(crate) fn pages() -> Vec<Snapshot> {
    let english = Messages::changed("en", built_in::login("en").unwrap(), Some(longer)).unwrap();
    let longer = Texts::from_messages(&english).unwrap();
    assert!(longer.login_lead.len() > Texts::default().login_lead.len() * 5 / 4, "{}", longer.login_lead);
    let arabic = Texts::built_in().pop().unwrap();
    assert_eq!(arabic.direction, "rtl");
    [in_language("login", Texts::default()), one_of_each("longer", longer), one_of_each("arabic", arabic)]
        .concat()
}

/// The first page of each kind, and the one with the most words.
fn one_of_each(of: &str, texts: Texts) -> Vec<Snapshot> {
    let mut kinds = BTreeSet::new();
    let kind = |name: &str| name.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut pages = in_language(of, texts);
    pages.retain(|page| kinds.insert(kind(&page.name)) || page.name.contains("Reported"));
    pages
}

fn in_language(of: &str, texts: Texts) -> Vec<Snapshot> {
    let (_, style) = Assets::get(Assets::css_name()).unwrap();
    let style = String::from_utf8(style.to_vec()).unwrap();
    let links = Links { mount_path: "/auth".to_owned() };
    let choice = |texts: Texts| LanguageChoice {
        tag: texts.language.into_owned(),
        direction: texts.direction.into_owned(),
        name: texts.language_name.into_owned(),
    };
    let mut site = PageContext::new("Microblog", texts, links);
    site.offers_lost_phone = true;
    site.languages = Texts::built_in().into_iter().map(choice).collect();
    let snapshot = |name: String, html| Snapshot { name, html, style: style.clone() };
    let pages = samples(&OurPages, &site).into_iter();
    pages.map(|page| snapshot(format!("{of}: {}", page.name), page.html)).collect()
}
