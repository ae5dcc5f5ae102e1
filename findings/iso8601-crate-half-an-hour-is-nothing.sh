#!/bin/bash
# The Rust crate iso8601 reads the duration PT0.5H as no time at all.
#
# Versions: crate iso8601 0.6.6; PyPI isodate 0.7.2 and aniso8601 10.0.1 beside it.
# Guess: a fraction of an hour or of a minute, which ISO 8601 allows in the last part of a duration, is counted or refused.
# Seen: the crate says Ok and drops the part that has the fraction: PT0.5H, PT1.5H and PT0.5M are 0 seconds, and P1DT1.5H is the day alone.
#   Seconds with a fraction are right, and P0.5D is refused. isodate and aniso8601 count all of them.
# Output seen: the table below, each line as stated in the script.
# For users: a limit of half an hour that is written in this form ends at once or, where 0 means "no limit", never.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v cargo >/dev/null && command -v python3 >/dev/null || skip "needs cargo and python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install isodate==0.7.2 aniso8601==10.0.1 >/dev/null 2>&1 || skip "a package is not to be had"
mkdir "$T/src"
cat > "$T/Cargo.toml" <<'C'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
iso8601 = "=0.6.6"
C
cat > "$T/src/main.rs" <<'R'
fn main() {
    let end = match iso8601::duration(&std::env::args().nth(1).unwrap()) {
        Ok(duration) => format!("{:?}", std::time::Duration::from(duration).as_secs_f64()),
        Err(_) => "refused".into(),
    };
    println!("{end}");
}
R
cat > "$T/run.py" <<'E'
import sys, aniso8601, isodate
print(isodate.parse_duration(sys.argv[1]).total_seconds(), aniso8601.parse_duration(sys.argv[1]).total_seconds())
E
(cd "$T" && CARGO_TARGET_DIR=$T/target cargo build -q 2>"$T/log") || skip "iso8601 0.6.6 is not built: $(tail -n 1 "$T/log")"
GOOD=0
try() { # duration, seconds by the crate, seconds by the others
  local a b; a=$("$T/target/debug/seen" "$1" 2>&1 | tail -1); b=$("$T/v/bin/python" "$T/run.py" "$1" 2>&1 | tail -1)
  printf '%-10s iso8601 (crate) %-9s isodate, aniso8601 %s\n' "$1" "$a" "$b"
  [ "$a/$b" = "$2/$3 $3" ] || GOOD=1
}
try PT0.5H 0.0 1800.0
try PT1.5H 0.0 5400.0
try PT0.5M 0.0 30.0
try P1DT1.5H 86400.0 91800.0
try P0.5D refused 43200.0
try PT30M 1800.0 1800.0
try PT1.5S 1.5 1.5
exit $GOOD
