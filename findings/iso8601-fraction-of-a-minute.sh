#!/bin/bash
# The Python package iso8601 takes the fraction of a minute for a fraction of a second.
#
# Versions: PyPI iso8601 2.1.0; beside it isodate 0.7.2, aniso8601 10.0.1 and ciso8601 2.4.1.
# Guess: a reader of ISO 8601 either takes 23:00.75 for 23:00:45, as the standard says (the fraction is one of the last unit that is written),
#   or refuses it, as ciso8601 does.
# Seen: iso8601 gives 23:00:00.75, 44.25 seconds early and without an error. A fraction of an hour it refuses. isodate and aniso8601 give 23:00:45.
# Output seen: "iso8601 23:00:00.750000" / "isodate 23:00:45" / "aniso8601 23:00:45" / "ciso8601 refused"; of 23.75 hours: "iso8601 refused" /
#   "isodate 23:45:00" / "aniso8601 23:45:00" / "ciso8601 refused".
# For users: a device that logs minutes with a fraction disagrees with everybody else by up to a minute, which is enough to put a login before
#   the request for it.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null || skip "needs python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install iso8601==2.1.0 isodate==0.7.2 aniso8601==10.0.1 ciso8601==2.4.1 >/dev/null 2>&1 || skip "a package is not to be had"
cat > "$T/run.py" <<'E'
import aniso8601, ciso8601, iso8601, isodate
READERS = (("iso8601", iso8601.parse_date), ("isodate", isodate.parse_datetime), ("aniso8601", aniso8601.parse_datetime),
           ("ciso8601", ciso8601.parse_datetime))
for unit, text in (("minutes", "2026-11-28T23:00.75Z"), ("hours", "2026-11-28T23.75Z")):
    seen = []
    for name, read in READERS:
        try:
            seen.append(name + " " + read(text).time().isoformat())
        except ValueError:
            seen.append(name + " refused")
    print(unit + ": " + ", ".join(seen))
E
SEEN=$("$T/v/bin/python" "$T/run.py" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = "minutes: iso8601 23:00:00.750000, isodate 23:00:45, aniso8601 23:00:45, ciso8601 refused
hours: iso8601 refused, isodate 23:45:00, aniso8601 23:45:00, ciso8601 refused" ]
