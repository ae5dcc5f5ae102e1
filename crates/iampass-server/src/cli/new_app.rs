//! `iampass-server new-app`: makes a small application whose users log in by phone.
//!
//! The files of the application are those of `examples/first-login-axum` and `examples/first-login-actix`, which are compiled and tested with everything else. Belongs here:
//! where they go, and the name and the dependencies that they get. Does not belong here: the application.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::output::print;
use crate::ServerError;

#[derive(Args, Debug)]
pub(super) struct NewAppArguments {
    /// The framework.
    #[arg(value_enum)]
    framework: Framework,
    /// The folder to make. It must not be there, or be empty.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The name of the package; the name of the folder unless given.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A checkout of this project, whose crates are used in place of those of the registry.
    #[arg(long, value_name = "FOLDER")]
    checkout: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Framework {
    /// axum.
    Axum,
    /// actix-web.
    Actix,
}

macro_rules! template {
    ($framework:literal, $file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/new-app/", $framework, "/", $file))
    };
}

macro_rules! templates {
    ($framework:literal) => {
        [
            ("Cargo.toml", template!($framework, "Cargo.toml.in")),
            ("README.md", template!($framework, "README.md")),
            (".gitignore", template!($framework, "gitignore")),
            ("src/main.rs", template!($framework, "src/main.rs")),
            ("src/tests.rs", template!($framework, "src/tests.rs")),
        ]
    };
}

impl Framework {
    /// The files of a new application: their places in its folder, and their texts.
    const fn templates(self) -> [(&'static str, &'static str); 5] {
        match self {
            Self::Axum => templates!("axum"),
            Self::Actix => templates!("actix"),
        }
    }
}

/// Makes the application, and says how it is run.
pub(super) fn new_app(arguments: &NewAppArguments) -> Result<(), ServerError> {
    let folder = &arguments.folder;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => name_of(folder)?,
    };
    check_name(&name)?;
    let crates = Crates::of(arguments.checkout.as_deref())?;
    make_empty(folder)?;
    for (place, text) in arguments.framework.templates() {
        let mut text = filled_in(text, &name, &crates);
        if place == "Cargo.toml" && is_within_workspace(folder) {
            // Without it cargo refuses a package that the workspace above does not name.
            text.push_str("\n[workspace]\n");
        }
        write_new(&folder.join(place), &text)?;
    }
    print(&next_steps(&name, folder));
    Ok(())
}

/// The dependencies on the crates of this project, as they stand in a `Cargo.toml`.
struct Crates {
    checkout: Option<PathBuf>,
}

impl Crates {
    fn of(checkout: Option<&Path>) -> Result<Self, ServerError> {
        let Some(checkout) = checkout else { return Ok(Self { checkout: None }) };
        let found =
            checkout.canonicalize().ok().filter(|found| found.join("crates/iampass/Cargo.toml").is_file());
        let found = found.ok_or_else(|| {
            let given = checkout.display();
            ServerError::Refused(format!(
                "{given} is no checkout of this project: there is no crates/iampass in it"
            ))
        })?;
        Ok(Self { checkout: Some(found) })
    }

    fn dependency(&self, name: &str) -> String {
        match &self.checkout {
            Some(checkout) => format!(
                "path = {}",
                toml::Value::from(checkout.join("crates").join(name).display().to_string())
            ),
            None => concat!(
                "version = \"",
                env!("CARGO_PKG_VERSION_MAJOR"),
                ".",
                env!("CARGO_PKG_VERSION_MINOR"),
                "\""
            )
            .to_owned(),
        }
    }
}

fn filled_in(text: &str, name: &str, crates: &Crates) -> String {
    text.replace("{{name}}", name)
        .replace("{{iampass}}", &crates.dependency("iampass"))
        .replace("{{iampass-testkit}}", &crates.dependency("iampass-testkit"))
}

/// The last part of the folder's name, also where it is given as `.`.
fn name_of(folder: &Path) -> Result<String, ServerError> {
    let whole = std::path::absolute(folder).map_err(|source| file_error(folder, source))?;
    let last = whole.components().next_back().map(|last| last.as_os_str().to_string_lossy().into_owned());
    last.ok_or_else(|| refused_name(&folder.display().to_string()))
}

/// The words that cargo takes for no package: those of the language, and folders and crates that it makes itself.
const NOT_NAMES: [&str; 55] = [
    "Self",
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "unsafe",
    "use",
    "where",
];

/// The packages that the application takes, which cannot have its name.
const DEPENDENCIES: [&str; 6] = ["actix-web", "async-trait", "axum", "iampass", "iampass-testkit", "tokio"];

fn check_name(name: &str) -> Result<(), ServerError> {
    let is_made_of = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_name = name.bytes().all(is_made_of)
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && !NOT_NAMES.contains(&name)
        && !DEPENDENCIES.contains(&name)
        && name != "reqwest";
    if is_name { Ok(()) } else { Err(refused_name(name)) }
}

fn refused_name(name: &str) -> ServerError {
    ServerError::Refused(format!(
        "{name:?} cannot be the name of a package: give another one by --name, of letters, digits, - and _, that begins with a letter"
    ))
}

/// The folder, which may be there if it is empty, or has an empty `src` and nothing else. It is looked at before anything is made.
fn make_empty(folder: &Path) -> Result<(), ServerError> {
    let src = folder.join("src");
    if names_in(folder)?.iter().any(|name| name != "src") || !names_in(&src)?.is_empty() {
        return Err(ServerError::Refused(format!("{} is not empty: name a new folder", folder.display())));
    }
    fs::create_dir_all(&src).map_err(|source| file_error(folder, source))
}

/// The names of what is in a folder: none where the folder is not there.
fn names_in(folder: &Path) -> Result<Vec<std::ffi::OsString>, ServerError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| file_error(folder, source))?,
    };
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    names.collect::<Result<_, _>>().map_err(|source| file_error(folder, source))
}

/// A file that is not there yet: nothing is ever overwritten.
fn write_new(path: &Path, text: &str) -> Result<(), ServerError> {
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> ServerError {
    ServerError::File { path: path.to_owned(), source }
}

/// Whether a folder above is one of a cargo workspace.
fn is_within_workspace(folder: &Path) -> bool {
    let Ok(whole) = folder.canonicalize() else { return false };
    whole.ancestors().skip(1).any(|above| {
        let manifest = fs::read_to_string(above.join("Cargo.toml")).unwrap_or_default();
        manifest.parse::<toml::Table>().is_ok_and(|manifest| manifest.contains_key("workspace"))
    })
}

fn next_steps(name: &str, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "{name} is ready, in {folder}. Next:

  iampass-server dev     in another terminal; it prints three lines to run in this one
  cd {folder}
  cargo run              then open http://127.0.0.1:3000/sign-up
  cargo test             a sign-up and a login, without a phone"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

    fn arguments(framework: Framework, folder: PathBuf) -> NewAppArguments {
        NewAppArguments { framework, folder, name: None, checkout: Some(PathBuf::from(WORKSPACE)) }
    }

    fn read(path: impl AsRef<Path>) -> String {
        fs::read_to_string(path.as_ref())
            .unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
    }

    #[test]
    fn it_is_the_example_that_is_tested() {
        for (framework, word) in [(Framework::Axum, "axum"), (Framework::Actix, "actix")] {
            for (place, text) in framework.templates() {
                if place.starts_with("src/") {
                    let example = format!("{WORKSPACE}/examples/first-login-{word}/{place}");
                    assert_eq!(read(example), text, "{word} {place}");
                }
            }
        }
    }

    /// The guide shows the files of an application named `hello-login`.
    #[test]
    fn it_is_what_the_guide_shows() {
        let crates = Crates::of(None).unwrap();
        for (framework, word) in [(Framework::Axum, "axum"), (Framework::Actix, "actix")] {
            let page = read(format!("{WORKSPACE}/docs/guide/first-login-{word}.md"));
            for (place, text) in framework.templates() {
                let language = match place {
                    "Cargo.toml" => "toml",
                    "src/main.rs" | "src/tests.rs" => "rust,ignore",
                    _ => continue,
                };
                let block = format!("```{language}\n{}```\n", filled_in(text, "hello-login", &crates));
                assert!(page.contains(&block), "{word} {place}");
            }
        }
    }

    #[test]
    fn a_new_folder_holds_the_application() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("deep").join("my-login");
        new_app(&arguments(Framework::Axum, folder.clone())).unwrap();
        let manifest: toml::Table = read(folder.join("Cargo.toml")).parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("my-login"));
        let path = manifest["dependencies"]["iampass"]["path"].as_str().unwrap();
        assert!(Path::new(path).is_absolute() && Path::new(path).join("Cargo.toml").is_file(), "{path}");
        assert!(!manifest.contains_key("workspace"));
        for file in ["README.md", ".gitignore", "src/main.rs", "src/tests.rs"] {
            assert!(!read(folder.join(file)).contains("{{"), "{file}");
        }
    }

    #[test]
    fn a_folder_that_holds_something_is_left_as_it_was() {
        for file in ["main.rs", "src/main.rs"] {
            let place = tempfile::tempdir().unwrap();
            // Where the file is not in `src`, there is no `src`, and none is made.
            let path = place.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "mine").unwrap();
            let given = NewAppArguments {
                name: Some("app".to_owned()),
                ..arguments(Framework::Axum, place.path().to_owned())
            };
            let refused = new_app(&given).unwrap_err();
            assert!(refused.to_string().contains("is not empty"), "{refused}");
            assert_eq!(read(&path), "mine");
            assert!(!place.path().join("Cargo.toml").exists());
            assert_eq!(place.path().join("src").exists(), file.starts_with("src/"), "{file}");
        }
    }

    #[test]
    fn below_a_workspace_it_is_one_of_its_own() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
        let folder = place.path().join("app");
        new_app(&arguments(Framework::Actix, folder.clone())).unwrap();
        assert!(read(folder.join("Cargo.toml")).contains("\n[workspace]\n"));
    }

    #[test]
    fn names_that_cargo_would_refuse_are_refused() {
        for name in ["", "1st", "-x", "a b", "naïve", "fn", "test", "axum", "iampass", "a/b", "reqwest"] {
            let place = tempfile::tempdir().unwrap();
            let folder = place.path().join("app");
            let given =
                NewAppArguments { name: Some(name.to_owned()), ..arguments(Framework::Axum, folder.clone()) };
            let refused = new_app(&given).unwrap_err();
            assert!(refused.to_string().contains("--name"), "{name}: {refused}");
            assert!(!folder.exists(), "{name}");
        }
        for name in ["a", "my-app", "My_app2"] {
            check_name(name).unwrap();
        }
    }

    #[test]
    fn a_checkout_is_one() {
        let place = tempfile::tempdir().unwrap();
        let given = NewAppArguments {
            checkout: Some(place.path().to_owned()),
            ..arguments(Framework::Axum, place.path().join("app"))
        };
        assert!(new_app(&given).unwrap_err().to_string().contains("no checkout"));
    }
}
