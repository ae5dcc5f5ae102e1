//! The command lines in the documentation, read by the parser that reads them in earnest.

use clap::{CommandFactory as _, Parser as _};

use super::arguments::Arguments;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// README.md and all of `docs/` and of its guide, by name.
fn documents() -> Vec<(String, String)> {
    let of = |folder: &str| {
        std::fs::read_dir(format!("{FOLDER}/{folder}")).unwrap().map(|entry| entry.unwrap().path())
    };
    let all = of("docs").chain(of("docs/guide")).chain([format!("{FOLDER}/README.md").into()]);
    all.filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The lines of blocks of shell commands, joined where they go on in the next.
fn shell_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut in_shell, mut goes_on) = (false, false);
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            in_shell = !in_shell && matches!(language, "sh" | "bash" | "console");
            continue;
        }
        if !in_shell {
            continue;
        }
        let (line, next) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => last.push_str(line),
            None => lines.push(line.to_owned()),
        }
        goes_on = next;
    }
    lines
}

/// Words as a shell takes them apart, up to a comment or a pipe.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match (character, quote) {
            (mark, Some(open)) if mark == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            ('#' | '|' | '>' | '&' | ';', None) if word.is_none() => break,
            (space, None) if space.is_whitespace() => words.extend(word.take()),
            (other, _) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// From the program's name on, whether it is called by it or through cargo.
fn command(words: Vec<String>) -> Option<Vec<String>> {
    let at = words.iter().position(|word| word == "iampass-server" || word.ends_with("/iampass-server"))?;
    let is_called = match at.checked_sub(1).and_then(|before| words.get(before)) {
        // `cargo run -p iampass-server -- dev` calls it, `cargo build -p iampass-server` does not.
        Some(before) if before == "-p" => words.iter().any(|word| word == "--"),
        _ => true,
    };
    let rest = words.into_iter().skip(at + 1).filter(|word| word != "--");
    is_called.then(|| std::iter::once("iampass-server".to_owned()).chain(rest).collect())
}

#[test]
fn every_command_line_of_the_documentation_is_understood() {
    let mut read = 0;
    for (name, text) in documents() {
        for command in shell_lines(&text).iter().map(|line| words(line)).filter_map(command) {
            let parsed = Arguments::try_parse_from(&command);
            assert!(parsed.is_ok(), "{name}: {command:?}: {}", parsed.unwrap_err());
            read += 1;
        }
    }
    assert!(read >= 15, "only {read} commands were found");
}

/// A command within a sentence may be incomplete, but the parts that it names exist.
#[test]
fn every_command_and_flag_that_the_documentation_names_is_there() {
    let program = Arguments::command();
    let has_flag = |command: &clap::Command, name: &str| {
        command.get_arguments().any(|argument| argument.get_long() == Some(name))
    };
    let mut named = 0;
    for (document, text) in documents() {
        let in_sentences = text.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
        for code in in_sentences {
            let Some(rest) = code.strip_prefix("iampass-server ") else { continue };
            let mut command = &program;
            for word in rest.split_whitespace() {
                if let Some(flag) = word.strip_prefix("--") {
                    let flag = flag.split('=').next().unwrap();
                    assert!(has_flag(command, flag), "{document}: {code}: there is no --{flag}");
                } else if command.has_subcommands() {
                    let sub = command.get_subcommands().find(|sub| sub.get_name() == word);
                    command = sub.unwrap_or_else(|| panic!("{document}: {code}: there is no {word}"));
                }
                named += 1;
            }
        }
        // The table of settings.
        for row in text.lines().filter(|line| line.starts_with("| `--")) {
            let flag = row.trim_start_matches("| `--").split([' ', '`']).next().unwrap();
            let run = program.find_subcommand("run").unwrap();
            assert!(has_flag(run, flag), "{document}: run has no --{flag}");
            named += 1;
        }
    }
    assert!(named > 5, "{named}");
}

#[test]
fn shell_commands_are_taken_apart() {
    let line = r#"sudo -u iampass iampass-server application add --name "My 'shop'" --json # once"#;
    let taken = command(words(line)).unwrap();
    assert_eq!(taken, ["iampass-server", "application", "add", "--name", "My 'shop'", "--json"]);
    assert_eq!(command(words("cargo build --release -p iampass-server")), None);
    assert_eq!(
        command(words("cargo run -p iampass-server -- dev | cat")).unwrap(),
        ["iampass-server", "dev"]
    );
    let text = "```sh\niampass-server \\\n  dev\n```\n```nginx\niampass-server nothing\n```";
    assert_eq!(shell_lines(text), ["iampass-server   dev"]);
}
