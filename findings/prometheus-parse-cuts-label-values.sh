#!/bin/bash
# The crate prometheus-parse drops or shortens a sample when a label's value has a bracket, a comma or an equals sign in it, and says nothing.
#
# Versions: crate prometheus-parse 0.2.5; PyPI prometheus_client 0.26.0 beside it.
# Guess: a label's value is any text in quotation marks, with \", \\ and \n as its escapes; a reader of the text format takes it whole or
#   reports a line that it cannot read.
# Seen: the answer is Ok in every case. With `}` in the value the sample is missing, and with empty brackets too. With `,` the value ends there;
#   with `=` the label is missing, so that two samples become one series, and so it is with a space inside the brackets. The escapes stay as
#   they are written. prometheus_client reads all of them.
# Output seen: the table below, each line as stated in the script.
# For users: a check that counts refused logins by path or reason sees fewer than there are, and no error.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v cargo >/dev/null && command -v python3 >/dev/null || skip "needs cargo and python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install prometheus_client==0.26.0 >/dev/null 2>&1 || skip "prometheus_client 0.26.0 is not to be had"
mkdir "$T/src"
cat > "$T/Cargo.toml" <<'C'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
prometheus-parse = "=0.2.5"
C
cat > "$T/src/main.rs" <<'R'
fn main() {
    let line = std::env::args().nth(1).unwrap();
    match prometheus_parse::Scrape::parse([Ok(line)].into_iter()) {
        Ok(scrape) => match scrape.samples.first() {
            Some(sample) => println!("path={}", sample.labels.get("path").unwrap_or("(no label)")),
            None => println!("(no sample)"),
        },
        Err(error) => println!("refused: {error}"),
    }
}
R
cat > "$T/run.py" <<'E'
import sys
from prometheus_client.parser import text_string_to_metric_families as read
samples = [s for family in read(sys.argv[1] + "\n") for s in family.samples]
print("path=" + samples[0].labels.get("path", "(no label)") if samples else "(no sample)")
E
(cd "$T" && CARGO_TARGET_DIR=$T/target cargo build -q 2>"$T/log") || skip "prometheus-parse 0.2.5 is not built: $(tail -n 1 "$T/log")"
GOOD=0
try() { # line, seen by the crate, seen by prometheus_client
  local a b; a=$("$T/target/debug/seen" "$1" 2>&1 | tail -1); b=$("$T/v/bin/python" "$T/run.py" "$1" 2>&1 | tail -1)
  printf '%-28s prometheus-parse: %-18s prometheus_client: %s\n' "$1" "$a" "$b"
  [ "$a/$b" = "$2/$3" ] || GOOD=1
}
try 'refused{path="/a"} 1' 'path=/a' 'path=/a'
try 'refused{path="/{user}"} 1' '(no sample)' 'path=/{user}'
try 'refused{path="/a,b"} 1' 'path=/a' 'path=/a,b'
try 'refused{path="/a?b=c"} 1' 'path=(no label)' 'path=/a?b=c'
try 'refused{path="/a\\b"} 1' 'path=/a\\b' 'path=/a\b'
try 'refused{ path="/a" } 1' 'path=(no label)' 'path=/a'
try 'refused{} 1' '(no sample)' 'path=(no label)'
exit $GOOD
