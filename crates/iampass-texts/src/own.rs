//! [`OwnTexts`]: the texts that the operator of a service has put in the place of those that come with IAMPASS.
//!
//! Belongs here: reading a folder of files, and every mistake in it with its place. Does not belong here: the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::built_in::{self, LANGUAGES};
use crate::{Messages, TextError};

/// The longest file that is read, in bytes: ten times the length of those that come with IAMPASS.
const LONGEST_FILE: u64 = 512 * 1024;

/// A group of pages with a file of texts in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Pages {
    /// The service's Console: `console.de.ftl`.
    Console,
    /// The page that plays the phone: `phone.de.ftl`.
    Phone,
}

impl Pages {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Console, Self::Phone];

    /// The first part of a file's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Phone => "phone",
        }
    }

    /// Whether the operator has texts of its own for these.
    #[must_use]
    pub fn is_own_in(self, own: &OwnTexts) -> bool {
        own.0.keys().any(|(pages, _)| *pages == self)
    }

    fn built_in(self, tag: &str) -> Option<&'static str> {
        match self {
            Self::Console => built_in::console(tag),
            Self::Phone => built_in::phone(tag),
        }
    }
}

/// The texts of an operator's own, which stand in the place of those that come with IAMPASS. The others stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnTexts(BTreeMap<(Pages, &'static str), String>);

/// A mistake in a folder of texts, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTextProblem {
    /// The file, or the folder.
    pub path: PathBuf,
    /// The line, from 1. None where it is about the file as a whole.
    pub line: Option<usize>,
    /// The mistake, and what to do about it.
    pub problem: String,
}

impl fmt::Display for OwnTextProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for OwnTextProblem {}

impl OwnTexts {
    /// Reads the files of a folder: `console.LANGUAGE.ftl` and `phone.LANGUAGE.ftl`. Names that do not end with `.ftl` are left alone.
    ///
    /// # Errors
    /// Every mistake, in the order of the files and lines.
    pub fn read(folder: &Path) -> Result<Self, Vec<OwnTextProblem>> {
        let (mut own, mut problems) = (Self::default(), Vec::new());
        let problem =
            |path: &Path, problem: String| OwnTextProblem { path: path.to_owned(), line: None, problem };
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut paths: Vec<_> = match entries {
            Ok(entries) => entries.into_iter().map(|entry| entry.path()).collect(),
            Err(error) => return Err(vec![problem(folder, format!("the folder cannot be read: {error}"))]),
        };
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "ftl"));
        paths.sort();
        if paths.is_empty() {
            let none = "no texts are in it: name them console.LANGUAGE.ftl and phone.LANGUAGE.ftl, and put them into this folder itself";
            return Err(vec![problem(folder, none.to_owned())]);
        }
        for path in paths {
            let Some((pages, tag)) = named(&path) else {
                let known = "name it console.LANGUAGE.ftl or phone.LANGUAGE.ftl, with one of the languages";
                problems.push(problem(&path, format!("{known} {}", LANGUAGES.join(", "))));
                continue;
            };
            match text_of(&path) {
                Ok(file) => {
                    let found = mistakes(pages, tag, &file);
                    problems.extend(found.into_iter().map(|(line, problem)| OwnTextProblem {
                        path: path.clone(),
                        line,
                        problem,
                    }));
                    own.0.insert((pages, tag), file);
                }
                Err(error) => problems.push(problem(&path, error)),
            }
        }
        if problems.is_empty() { Ok(own) } else { Err(problems) }
    }

    /// The texts of these pages in a language, with the operator's own in their place. None for other languages than [`LANGUAGES`].
    #[must_use]
    pub fn messages(&self, pages: Pages, tag: &str) -> Option<Messages> {
        let built_in = pages.built_in(tag)?;
        match self.file(pages, tag) {
            Some(own) => Messages::parse_over(tag, built_in, own).ok(),
            None => Messages::parse(tag, built_in).ok(),
        }
    }

    /// The operator's own file for these pages in a language.
    #[must_use]
    pub fn file(&self, pages: Pages, tag: &str) -> Option<&str> {
        self.0.iter().find(|((of, language), _)| *of == pages && *language == tag).map(|(_, file)| &**file)
    }
}

/// The pages and the language that a file is for, by its name.
fn named(path: &Path) -> Option<(Pages, &'static str)> {
    let (pages, tag) = path.file_name()?.to_str()?.strip_suffix(".ftl")?.split_once('.')?;
    let pages = Pages::ALL.into_iter().find(|known| known.word() == pages)?;
    Some((pages, LANGUAGES.into_iter().find(|known| *known == tag)?))
}

fn text_of(path: &Path) -> Result<String, String> {
    let unread = |error: std::io::Error| format!("it cannot be read: {error}");
    // A pipe would be read without an end.
    if !std::fs::metadata(path).map_err(unread)?.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut text = String::new();
    let mut file = std::fs::File::open(path).map_err(unread)?.take(LONGEST_FILE + 1);
    file.read_to_string(&mut text).map_err(unread)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(format!("it is too long: {LONGEST_FILE} bytes are the most"));
    }
    // Some editors put a mark in front.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// All mistakes of a file, in the order of its lines.
fn mistakes(pages: Pages, tag: &str, file: &str) -> Vec<(Option<usize>, String)> {
    let Some(built_in) = pages.built_in(tag) else { return Vec::new() };
    let own = match Messages::parse(tag, file) {
        Ok(own) => own,
        Err(TextError::Syntax { line, problem, .. }) => return vec![(Some(line), problem)],
        // It may refer to a text that it has not itself.
        Err(TextError::Broken { .. }) => {
            return match Messages::parse_over(tag, built_in, file) {
                Ok(both) => compared(&both, &own_ids(file), pages, tag, file),
                Err(error) => vec![told(&error, file)],
            };
        }
        Err(error) => return vec![told(&error, file)],
    };
    let ids: BTreeSet<_> = own.ids().map(str::to_owned).collect();
    compared(&own, &ids, pages, tag, file)
}

/// The mistakes of texts against those that come with IAMPASS.
fn compared(
    own: &Messages,
    ids: &BTreeSet<String>,
    pages: Pages,
    tag: &str,
    file: &str,
) -> Vec<(Option<usize>, String)> {
    let known = pages.built_in(tag).and_then(|file| Messages::parse(tag, file).ok());
    let Some(known) = known else { return Vec::new() };
    let mut found = Vec::new();
    for id in ids {
        let line = line_of(file, id);
        if known.text(id).is_none() {
            found.push((line, format!("no page has the text `{id}`: see whether its name is misspelled")));
            continue;
        }
        let text = own.text(id).unwrap_or_default();
        if text.trim().is_empty() {
            found.push((
                line,
                format!(
                    "the text `{id}` is empty: leave the line out to keep the one that comes with IAMPASS"
                ),
            ));
        }
        if own.is_plural(id) && !known.is_plural(id) {
            found.push((line, format!("the text `{id}` depends on no number: write it without forms")));
        }
        if pages == Pages::Phone && text.contains(['<', '>', '&']) {
            found.push((
                line,
                format!("the text `{id}` has one of < > &, which this page takes for markup: leave it out"),
            ));
        }
        let (mine, theirs) = (all_variables(own, id), all_variables(&known, id));
        // A number may be left to the words of its form.
        let is_left_out = |name: &&String| name.as_str() != "count" && !mine.contains(*name);
        if let Some(name) = mine.iter().find(|name| !theirs.contains(*name)) {
            found.push((line, format!("the text `{id}` has no variable `${name}`: {}", offered(&theirs))));
        } else if let Some(name) = theirs.iter().find(is_left_out) {
            found.push((
                line,
                format!("the text `{id}` leaves `${name}` out: the page would not say what it is about"),
            ));
        }
    }
    found.sort();
    found
}

fn offered(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "it has none".to_owned();
    }
    let names: Vec<_> = names.iter().map(|name| format!("${name}")).collect();
    format!("it has {}", names.join(" and "))
}

/// The variables of all forms of a text.
fn all_variables(messages: &Messages, id: &str) -> BTreeSet<String> {
    let forms = match messages.plural(id) {
        Some(mut plural) => plural.forms_mut().map(|form| form.clone()).collect(),
        None => Vec::new(),
    };
    let names = forms.iter().flat_map(|form| form.split('{').skip(1));
    names.filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

/// The names at the beginnings of lines.
fn own_ids(file: &str) -> BTreeSet<String> {
    file.lines().filter_map(id_of).map(str::to_owned).collect()
}

fn id_of(line: &str) -> Option<&str> {
    let (id, _) = line.split_once('=')?;
    let is_id = line.starts_with(|first: char| first.is_ascii_alphabetic());
    is_id.then(|| id.trim_end())
}

/// The last line that begins with this name.
fn line_of(file: &str, id: &str) -> Option<usize> {
    file.lines().enumerate().filter(|(_, line)| id_of(line) == Some(id)).last().map(|(line, _)| line + 1)
}

fn told(error: &TextError, file: &str) -> (Option<usize>, String) {
    let line = match error {
        TextError::Doubled { id, .. } | TextError::Broken { id, .. } | TextError::Unknown { id, .. } => {
            line_of(file, id)
        }
        _ => None,
    };
    (line, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<OwnTexts, Vec<String>> {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("iampass-own-texts-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let read = OwnTexts::read(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        let before = format!("{}/", folder.display());
        read.map_err(|problems| {
            problems.iter().map(|problem| problem.to_string().replace(&before, "")).collect()
        })
    }

    #[test]
    fn own_texts_stand_in_the_place_of_the_others() {
        let own = read(&[
            ("console.de.ftl", "# Ours.\nsign-out = Ausloggen\nuser-push-queued = Siehe { tab-pushes }.\n"),
            ("readme.txt", "nothing"),
        ]);
        let own = own.unwrap();
        let german = own.messages(Pages::Console, "de").unwrap();
        assert_eq!(german.text("sign-out").as_deref(), Some("Ausloggen"));
        assert_eq!(german.text("sign-in").as_deref(), Some("Anmelden"), "the others stay");
        assert_eq!(german.text("user-push-queued").as_deref(), Some("Siehe Pushes."));
        assert_eq!(own.messages(Pages::Console, "en").unwrap().text("sign-out").as_deref(), Some("Sign out"));
        assert!(own.messages(Pages::Console, "it").is_none());
        assert!(own.file(Pages::Phone, "de").is_none() && Pages::Console.is_own_in(&own));
    }

    /// A text that comes with forms may be written without: not all languages of all operators need them.
    #[test]
    fn a_text_may_have_fewer_forms() {
        let own = read(&[("console.en.ftl", "attempts = { $count }×")]).unwrap();
        let english = own.messages(Pages::Console, "en").unwrap();
        assert_eq!(english.plural("attempts").unwrap().of("en", 2), "{count}×");
    }

    #[test]
    fn each_mistake_is_told_with_its_line() {
        let problems = read(&[
            ("console.de.ftl", "sign-out = Ausloggen\n\nsign-uot = Ausloggen\nback =\n    { \"\" }\n"),
            (
                "console.en.ftl",
                "join-as = Join as { $name }\nback = { $count ->\n [one] a\n *[other] b\n }\n",
            ),
            ("console.es.ftl", "join-as = Unirse\n"),
            ("console.fr.ftl", "back = a\nback = b\n"),
            ("console.it.ftl", ""),
            ("phone.ar.ftl", "a = 1\n\nb = { $\n"),
            ("phone.es.ftl", "app-description = { nothing }\n"),
            ("phone.fr.ftl", "app-description = <b>\n"),
            ("login.de.ftl", ""),
        ]);
        let problems = problems.unwrap_err();
        let expected = [
            "console.de.ftl:3: no page has the text `sign-uot`",
            "console.de.ftl:4: the text `back` is empty",
            "console.en.ftl:1: the text `join-as` has no variable `$name`: it has $account",
            "console.en.ftl:2: the text `back` depends on no number",
            "console.es.ftl:1: the text `join-as` leaves `$account` out",
            "console.fr.ftl:2: the text `back` in `fr` is there twice",
            "console.it.ftl: name it console.LANGUAGE.ftl",
            "login.de.ftl: name it console.LANGUAGE.ftl",
            "phone.ar.ftl:3: ",
            "phone.es.ftl:1: the text `app-description` in `es` cannot be put together",
            "phone.fr.ftl:1: the text `app-description` has one of < > &",
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}");
        }
        let missing = OwnTexts::read(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(missing[0].to_string().starts_with("/nowhere/at/all: the folder cannot be read"));
    }

    #[test]
    fn a_folder_without_texts_is_no_folder_of_texts() {
        for files in [&[][..], &[("readme.txt", "nothing")]] {
            let problems = read(files).unwrap_err();
            assert!(problems[0].contains("no texts are in it"), "{problems:?}");
        }
    }

    #[test]
    fn a_mark_in_front_of_a_file_is_passed_over_and_a_long_one_is_not_read() {
        let own = read(&[("console.de.ftl", "\u{feff}sign-out = Ausloggen\n")]).unwrap();
        assert_eq!(
            own.messages(Pages::Console, "de").unwrap().text("sign-out").as_deref(),
            Some("Ausloggen")
        );
        let long = "# x\n".repeat(200_000);
        let problems = read(&[("console.de.ftl", &long)]).unwrap_err();
        assert!(problems[0].contains("too long"), "{problems:?}");
    }
}
