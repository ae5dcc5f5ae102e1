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
    /// A checkout of this project, whose crates are used in place of those of the registry. Unless given, it is the one that this command is run in, or that
    /// this program was built in.
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
    let crates = match &arguments.checkout {
        Some(checkout) => Crates::of(checkout)?,
        None => Crates::at_hand([std::env::current_dir(), std::env::current_exe()].into_iter().flatten()),
    };
    make_empty(folder)?;
    for (place, text) in arguments.framework.templates() {
        let mut text = filled_in(text, &name, &crates);
        if place == "Cargo.toml" && is_within_workspace(folder) {
            // Without it cargo refuses a package that the workspace above does not name.
            text.push_str("\n[workspace]\n");
        }
        write_new(&folder.join(place), &text)?;
    }
    print(&next_steps(&name, folder, &crates));
    Ok(())
}

/// The dependencies on the crates of this project, as they stand in a `Cargo.toml`.
struct Crates {
    checkout: Option<PathBuf>,
}

impl Crates {
    /// Those of the checkout that one of these places is in; those of the registry where none is.
    fn at_hand(places: impl IntoIterator<Item = PathBuf>) -> Self {
        let checkout = places.into_iter().find_map(|place| {
            let place = place.canonicalize().ok()?;
            place.ancestors().find(|above| is_checkout(above)).map(Path::to_owned)
        });
        Self { checkout }
    }

    fn of(checkout: &Path) -> Result<Self, ServerError> {
        let found = checkout.canonicalize().ok().filter(|found| is_checkout(found));
        let found = found.ok_or_else(|| {
            let given = checkout.display();
            ServerError::Refused(format!(
                "{given} is no checkout of this project: there is no crates/iampass in it"
            ))
        })?;
        Ok(Self { checkout: Some(found) })
    }

    /// The command that runs the service for development, from any folder.
    fn dev_command(&self) -> String {
        match &self.checkout {
            Some(checkout) => {
                let manifest = quoted(&checkout.join("Cargo.toml").display().to_string());
                format!("cargo run --manifest-path {manifest} -p iampass-server -- dev")
            }
            None => "iampass-server dev".to_owned(),
        }
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

fn is_checkout(folder: &Path) -> bool {
    folder.join("crates/iampass/Cargo.toml").is_file()
        && folder.join("crates/iampass-testkit/Cargo.toml").is_file()
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+,:@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn filled_in(text: &str, name: &str, crates: &Crates) -> String {
    text.replace("{{name}}", name)
        .replace("{{dev}}", &crates.dev_command())
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
const DEPENDENCIES: [&str; 7] =
    ["actix-web", "async-trait", "axum", "iampass", "iampass-testkit", "tokio", "tracing-subscriber"];

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

fn next_steps(name: &str, folder: &Path, crates: &Crates) -> String {
    let (shown, word) = (folder.display(), quoted(&folder.display().to_string()));
    let dev = crates.dev_command();
    let registry = if crates.checkout.is_none() {
        " Its dependencies on this project are those of the registry; --checkout FOLDER takes them from a checkout."
    } else {
        ""
    };
    format!(
        "{name} is ready, in {shown}.{registry} Next:

1. Start the service in another terminal. It prints three lines that begin with export: run them in this one.

  {dev}

2. Start the application, and open http://127.0.0.1:3000/sign-up

  cd {word}
  cargo run

Its test signs a user up and logs the user in, without a phone: cargo test"
    )
}

#[cfg(test)]
mod tests;
