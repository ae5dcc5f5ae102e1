#!/bin/bash
# aniso8601 reads 24:00:00, the end of a day, as the beginning of the same day.
#
# Versions: PyPI aniso8601 10.0.1; beside it arrow 1.4.0, ciso8601 2.4.1, isodate 0.7.2 and iso8601 2.1.0.
# Guess: a reader of ISO 8601 either takes 2026-11-28T24:00:00Z for the 29th at 00:00:00, as the standard says, or refuses it, as Python's datetime does.
# Seen: arrow and ciso8601 give the 29th, isodate and iso8601 refuse. aniso8601 gives the 28th at 00:00:00, 24 hours early and without an
#   error. An interval of the whole day is empty, and one hour up to midnight is an hour of the day before.
# Output seen: "aniso8601 2026-11-28T00:00:00+00:00" / "arrow 2026-11-29T00:00:00+00:00" / "ciso8601 2026-11-29T00:00:00+00:00" /
#   "isodate refused" / "iso8601 refused" / "whole day: 0 hours" / "last hour: begins 2026-11-27T23:00:00+00:00".
# For users: an access that is to end with the day has ended before the day began. Times are to be written with 00:00:00 of the next day.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null || skip "needs python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install aniso8601==10.0.1 arrow==1.4.0 ciso8601==2.4.1 isodate==0.7.2 iso8601==2.1.0 >/dev/null 2>&1 || skip "a package is not to be had"
cat > "$T/run.py" <<'E'
import aniso8601, arrow, ciso8601, iso8601, isodate
END = "2026-11-28T24:00:00Z"
for name, read in (("aniso8601", aniso8601.parse_datetime), ("arrow", arrow.get), ("ciso8601", ciso8601.parse_datetime),
                   ("isodate", isodate.parse_datetime), ("iso8601", iso8601.parse_date)):
    try:
        print(name, read(END).isoformat())
    except ValueError:
        print(name, "refused")
begin, end = aniso8601.parse_interval("2026-11-28T00:00:00Z/" + END)
print("whole day: %d hours" % ((end - begin).total_seconds() / 3600))
print("last hour: begins", min(aniso8601.parse_interval("PT1H/" + END)).isoformat())
E
SEEN=$("$T/v/bin/python" "$T/run.py" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = "aniso8601 2026-11-28T00:00:00+00:00
arrow 2026-11-29T00:00:00+00:00
ciso8601 2026-11-29T00:00:00+00:00
isodate refused
iso8601 refused
whole day: 0 hours
last hour: begins 2026-11-27T23:00:00+00:00" ]
