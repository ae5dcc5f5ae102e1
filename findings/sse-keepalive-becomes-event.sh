#!/bin/bash
# A keep-alive without data becomes an empty event in three Python readers of server-sent events.
#
# Versions: PyPI sseclient 0.0.27, httpx-sse 0.4.3 with httpx 0.28.1, aiosseclient 0.1.8; beside them sseclient-py 1.9.0, requests-sse 0.5.3.
# Guess: a comment (": ...") is dropped by every reader, and a block without a data line is never handed out: the standard says both.
# Seen: sseclient hands out a "message" with empty data for every comment that a blank line follows.
#   httpx-sse and aiosseclient drop the comment, but hand out "event: ping" and "id: 7" without data as events. A comment that no blank line
#   follows does no harm in any of them.
# Output seen: the lines below, as stated in the script ("-" is an event with empty data).
# For users: a client that reads each event as JSON fails at the first keep-alive, a few seconds into the login, and not in a short test.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null || skip "needs python3"
# sseclient and sseclient-py both install a module named sseclient: each gets its own place.
for v in a b; do python3 -m venv "$T/$v" >/dev/null 2>&1 || skip "needs python3's venv"; done
"$T/a/bin/pip" -q install sseclient==0.0.27 httpx==0.28.1 httpx-sse==0.4.3 aiosseclient==0.1.8 requests-sse==0.5.3 >/dev/null 2>&1 || skip "a package of the first set is not to be had"
"$T/b/bin/pip" -q install sseclient-py==1.9.0 requests==2.34.2 >/dev/null 2>&1 || skip "a package of the second set is not to be had"

cat > "$T/stream.py" <<'E'
import socket, threading, time
STREAM = {
    b"/comment": [b": here\n\n", b"data: a\n\n", b": here\n\n", b"data: b\n\n"],
    b"/comment-alone": [b": here\n", b"data: a\n\n", b": here\n", b"data: b\n\n"],
    b"/event": [b"event: ping\n\n", b"data: a\n\n", b"event: ping\n\n", b"data: b\n\n"],
    b"/id": [b"id: 7\n\n", b"data: a\n\n", b"data: b\n\n"],
}
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(8)
print(listener.getsockname()[1], flush=True)
def serve(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(4096)
        if not more:
            return
        request += more
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    for part in STREAM[request.split(b" ")[1]]:
        c.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        time.sleep(0.05)
    time.sleep(20)  # The stream stays open: the reader is ended from outside.
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
E
cat > "$T/read.py" <<'E'
import asyncio, os, sys, threading, time
reader, url = sys.argv[1], sys.argv[2]
def end():
    time.sleep(2)
    os._exit(0)
threading.Thread(target=end).start()
def put(event):
    print(event.data or "-", flush=True)
if reader == "sseclient":
    from sseclient import SSEClient
    for event in SSEClient(url):
        put(event)
elif reader == "httpx-sse":
    import httpx
    from httpx_sse import connect_sse
    with httpx.Client() as client, connect_sse(client, "GET", url) as source:
        for event in source.iter_sse():
            put(event)
elif reader == "aiosseclient":
    from aiosseclient import aiosseclient
    async def main():
        async for event in aiosseclient(url):
            put(event)
    asyncio.run(main())
elif reader == "requests-sse":
    from requests_sse import EventSource
    with EventSource(url) as source:
        for event in source:
            put(event)
else:
    import requests, sseclient
    for event in sseclient.SSEClient(requests.get(url, stream=True)).events():
        put(event)
E
python3 "$T/stream.py" > "$T/port" & PIDS+=($!)
for _ in $(seq 50); do [ -s "$T/port" ] && break; sleep 0.1; done
PORT=$(cat "$T/port"); [ -n "$PORT" ] || skip "the server does not start"
GOOD=0
try() { # reader, place, stream, what was seen
  local seen; seen=$(timeout 20 "$T/$2/bin/python" "$T/read.py" "$1" "http://127.0.0.1:$PORT/$3" 2>/dev/null | tr '\n' ' ')
  seen=${seen% }
  printf '%-13s %-14s %s\n' "$1" "$3" "$seen"
  [ "$seen" = "$4" ] || GOOD=1
}
try sseclient a comment "- a - b"
try sseclient a comment-alone "a b"
try sseclient a event "- a - b"
try httpx-sse a comment "a b"
try httpx-sse a event "- a - b"
try httpx-sse a id "- a b"
try aiosseclient a comment "a b"
try aiosseclient a event "- a - b"
try aiosseclient a comment-alone "a b"
try requests-sse a comment "a b"
try requests-sse a event "a b"
try sseclient-py b comment "a b"
try sseclient-py b event "a b"
exit $GOOD
