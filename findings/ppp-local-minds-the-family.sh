#!/bin/bash
# The crate ppp refuses a PROXY protocol v2 header of the command LOCAL whose block is shorter than its family says.
#
# Versions: crate ppp 2.3.0, Rust 1.95.
# Guess: for LOCAL the block is skipped, whatever it says: the specification has the receiver take the connection's own addresses, and look at
#   neither the block nor its family.
# Seen: LOCAL with the family TCP over IPv4 and a block of 0 bytes is an error, as it is for PROXY. With the family unspecified the same is taken.
# Output seen: "LOCAL, unspecified, 0 bytes: taken" / "LOCAL, TCP over IPv4, 0 bytes: refused" / "PROXY, TCP over IPv4, 0 bytes: refused".
# For users: health checks of a balancer that leaves the family of its last connection in LOCAL headers are turned away, and the server is taken out
#   of service while it is well.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v cargo >/dev/null || skip "needs cargo"
mkdir "$T/src"
cat > "$T/Cargo.toml" <<'C'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
ppp = "=2.3.0"
C
cat > "$T/src/main.rs" <<'R'
use ppp::v2::Header;

fn main() {
    let header = |command: u8, family: u8| {
        let mut bytes = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
        bytes.extend([0x20 | command, family, 0, 0]);
        bytes
    };
    for (said, command, family) in
        [("LOCAL, unspecified", 0, 0x00), ("LOCAL, TCP over IPv4", 0, 0x11), ("PROXY, TCP over IPv4", 1, 0x11)]
    {
        let bytes = header(command, family);
        let end = if Header::try_from(&bytes[..]).is_ok() { "taken" } else { "refused" };
        println!("{said}, 0 bytes: {end}");
    }
}
R
(cd "$T" && CARGO_TARGET_DIR=$T/target cargo build -q 2>"$T/log") || skip "ppp 2.3.0 is not built: $(tail -n 1 "$T/log")"
SEEN=$("$T/target/debug/seen")
echo "$SEEN"
[ "$SEEN" = "LOCAL, unspecified, 0 bytes: taken
LOCAL, TCP over IPv4, 0 bytes: refused
PROXY, TCP over IPv4, 0 bytes: refused" ] || { echo "this has changed"; exit 1; }
