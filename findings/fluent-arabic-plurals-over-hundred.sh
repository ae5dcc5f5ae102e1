#!/bin/bash
# Fluent for Rust takes the wrong Arabic form for every number over 99 that ends in 03 to 99.
#
# Versions: crates fluent-bundle 0.16.0 and intl_pluralrules 7.0.2, which it chooses forms by; PyPI babel 2.18.0 beside them.
# Guess: a text with the six forms that CLDR has for Arabic is shown with the right one; CLDR says n % 100 = 3 to 10 for "few", 11 to 99 for "many".
# Seen: the remainder is left out. 3 and 11 are "few" and "many", 103 and 111 are "other", and so is each number above. babel says "few" and "many".
# Output seen: the table below, each line as stated in the script.
# For users: a page that says "103 days" in Arabic has the form for 100. Small numbers look right, so that tests with them pass.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v cargo >/dev/null && command -v python3 >/dev/null || skip "needs cargo and python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install babel==2.18.0 >/dev/null 2>&1 || skip "a package is not to be had"
mkdir "$T/src"
cat > "$T/Cargo.toml" <<'C'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
fluent-bundle = "=0.16.0"
intl_pluralrules = "=7.0.2"
unic-langid = "=0.9.6"
C
cat > "$T/src/main.rs" <<'R'
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
fn main() {
    let file = "x = { $n ->\n [zero] zero\n [one] one\n [two] two\n [few] few\n [many] many\n *[other] other\n }\n";
    let arabic: unic_langid::LanguageIdentifier = "ar".parse().unwrap();
    let mut bundle = FluentBundle::new(vec![arabic]);
    bundle.add_resource(FluentResource::try_new(file.into()).unwrap()).unwrap();
    let mut values = FluentArgs::new();
    values.set("n", std::env::args().nth(1).unwrap().parse::<u32>().unwrap());
    let text = bundle.get_message("x").unwrap().value().unwrap();
    println!("{}", bundle.format_pattern(text, Some(&values), &mut Vec::new()));
}
R
(cd "$T" && CARGO_TARGET_DIR=$T/target cargo build -q 2>"$T/log") || skip "fluent-bundle 0.16.0 is not built: $(tail -n 1 "$T/log")"
GOOD=0
try() { # number, form by Fluent, form by babel
  local a b; a=$("$T/target/debug/seen" "$1" 2>&1 | tail -1)
  b=$("$T/v/bin/python" -c 'import sys, babel; print(babel.Locale("ar").plural_form(int(sys.argv[1])))' "$1" 2>&1 | tail -1)
  printf '%-5s fluent-bundle %-6s babel %s\n' "$1" "$a" "$b"
  [ "$a/$b" = "$2/$3" ] || GOOD=1
}
try 2 two two
try 3 few few
try 11 many many
try 100 other other
try 103 other few
try 111 other many
try 1010 other few
exit $GOOD
