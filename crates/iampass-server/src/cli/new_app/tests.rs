//! Making an application: its files, its name, the crates that it takes, and the lines that run it.

use super::*;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn arguments(framework: Framework, folder: PathBuf) -> NewAppArguments {
    NewAppArguments { framework, folder, name: None, checkout: Some(PathBuf::from(WORKSPACE)) }
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
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
    let crates = Crates { checkout: None };
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

/// It is found from within and by the program that was built in it. An application elsewhere takes the registry's crates.
#[test]
fn a_checkout_is_found() {
    let elsewhere = tempfile::tempdir().unwrap();
    let checkout = Path::new(WORKSPACE).canonicalize().unwrap();
    let within = [checkout.clone(), checkout.join("docs/guide"), checkout.join("Cargo.toml")];
    for place in within {
        let found = Crates::at_hand([elsewhere.path().to_owned(), place]);
        assert_eq!(found.checkout.as_ref(), Some(&checkout));
    }
    let none = Crates::at_hand([elsewhere.path().to_owned(), elsewhere.path().join("gone")]);
    assert_eq!(none.dependency("iampass"), "version = \"0.1\"");
    assert_eq!(none.dev_command(), "iampass-server dev");
    assert!(next_steps("app", Path::new("app"), &none).contains("--checkout FOLDER"));
}

/// The lines that are printed can be run as they are.
#[test]
fn folders_with_blanks_are_one_word() {
    let crates = Crates { checkout: Some(PathBuf::from("/home/ann/my code")) };
    let steps = next_steps("app", Path::new("../it's mine"), &crates);
    assert!(
        steps.contains("--manifest-path '/home/ann/my code/Cargo.toml' -p iampass-server -- dev"),
        "{steps}"
    );
    assert!(steps.contains(r"cd '../it'\''s mine'"), "{steps}");
    assert_eq!(quoted("../hello-login"), "../hello-login");
}

/// README and the guide say how it is called, and nothing has to be added to that. That they are commands is tested with all others.
#[test]
fn the_lines_in_the_documents_are_whole() {
    for page in ["README.md", "docs/getting-started.md", "docs/guide/first-login-axum.md"] {
        let page = read(format!("{WORKSPACE}/{page}"));
        let mut lines =
            page.lines().filter(|line| line.starts_with("cargo run") && line.contains(" new-app "));
        assert!(lines.next().is_some_and(|line| !line.contains("--checkout")) && lines.next().is_none());
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
