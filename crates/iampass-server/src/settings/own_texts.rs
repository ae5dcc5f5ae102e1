//! From `texts` to the texts of the operator's own. Every mistake in its files is reported with the file and the line.

use std::path::Path;

use iampass_texts::OwnTexts;

use super::error::Problem;
use super::in_force::InForce;

impl InForce {
    /// The texts in this folder; none without one.
    pub(super) fn own_texts(&self, folder: Option<&Path>, problems: &mut Vec<Problem>) -> OwnTexts {
        let Some(folder) = folder else { return OwnTexts::default() };
        OwnTexts::read(folder).unwrap_or_else(|mistakes| {
            problems.extend(mistakes.iter().map(|mistake| self.problem("texts", mistake)));
            OwnTexts::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::check;
    use super::super::layers::Layers;

    #[test]
    fn each_mistake_in_a_text_is_told_with_its_file_and_line() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("texts")).unwrap();
        std::fs::write(at("texts/console.de.ftl"), "sign-out = Ausloggen\n\nsign-uot = x\n").unwrap();
        std::fs::write(at("texts/phone.en.ftl"), "app-description = <b>\n").unwrap();
        let settings = format!("data = {:?}\ntexts = {:?}\n", at("d"), at("texts"));
        std::fs::write(at("c.toml"), settings).unwrap();
        let checked = || {
            let mut layers = Layers::new().unwrap();
            layers.file(&at("c.toml"));
            check(&layers.in_force().unwrap()).map_err(|error| error.to_string())
        };
        let error = checked().unwrap_err();
        for told in
            ["c.toml:2", "texts/console.de.ftl:3: no page has the text `sign-uot`", "phone.en.ftl:1: "]
        {
            assert!(error.contains(told), "{error}");
        }
        std::fs::write(at("texts/console.de.ftl"), "sign-out = Ausloggen\n").unwrap();
        std::fs::remove_file(at("texts/phone.en.ftl")).unwrap();
        assert!(checked().unwrap().contains("texts = "));
    }
}
