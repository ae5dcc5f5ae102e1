#!/bin/bash
# sseclient-py hands out the event in which a stream was cut off, as if it were whole.
#
# Versions: PyPI sseclient-py 1.9.0; beside it httpx-sse 0.4.3, aiosseclient 0.1.8 and npm eventsource-client 1.2.0.
# Guess: an event is handed out at the empty line that ends it. The standard says that what is left over at the end of a stream is thrown away,
#   and the others do so.
# Seen: sseclient-py hands out what is left over, also when the cut goes through a line: half of a JSON text, or the first of two lines of
#   data, which is a whole JSON text of its own. With `Connection: close` and no length, as over a proxy that ended the stream, no error comes first.
# Output seen: "sseclient-py: wait=one, state={\"state\":\"acc" / "httpx-sse: wait=one" / "aiosseclient: wait=one" / "eventsource-client: wait=one"
#   for the cut in a line; "sseclient-py: wait=one, state=first" and "wait=one" of the others for the cut between two lines of data.
# For users: a program that follows a login through a proxy with a time limit acts on half a message. What it reads has to say its own end, as
#   JSON does when it is parsed strictly; a state that is a bare word does not.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null && command -v node >/dev/null && command -v npm >/dev/null || skip "needs python3, node and npm"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install sseclient-py==1.9.0 requests==2.34.2 httpx-sse==0.4.3 httpx==0.28.1 aiosseclient==0.1.8 aiohttp==3.14.5 >/dev/null 2>&1 \
  || skip "a package is not to be had"
(cd "$T" && npm install --silent --no-audit --no-fund eventsource-client@1.2.0 >/dev/null 2>&1) || skip "eventsource-client 1.2.0 is not to be had"
cat > "$T/read.mjs" <<'E'
import { createEventSource } from 'eventsource-client'
const seen = []
const source = createEventSource({
  url: process.argv[2],
  onMessage: m => seen.push(`${m.event}=${m.data}`),
  onDisconnect: () => { source.close(); console.log(seen.join(', ')) },
})
E
cat > "$T/run.py" <<'E'
import asyncio, socket, subprocess, sys, threading
import aiosseclient, httpx, httpx_sse, requests, sseclient
BODIES = {"/line": b"event: wait\ndata: one\n\nevent: state\ndata: {\"state\":\"acc", "/between": b"event: wait\ndata: one\n\nevent: state\ndata: first\n"}
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(8)
def serve():
    while True:
        c, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            more = c.recv(4096)
            if not more:
                break
            head += more
        if head:
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + BODIES[head.split(b" ")[1].decode()])
        c.close()
threading.Thread(target=serve, daemon=True).start()
def by_sseclient_py(url):
    return ["%s=%s" % (e.event, e.data) for e in sseclient.SSEClient(requests.get(url, stream=True)).events()]
def by_httpx_sse(url):
    with httpx.Client() as client, httpx_sse.connect_sse(client, "GET", url) as source:
        return ["%s=%s" % (e.event, e.data) for e in source.iter_sse()]
def by_aiosseclient(url):
    async def all_of_it():
        return ["%s=%s" % (e.event, e.data) async for e in aiosseclient.aiosseclient(url)]
    return asyncio.run(all_of_it())
def by_eventsource_client(url):
    return [subprocess.run(["node", sys.argv[1], url], capture_output=True, text=True, timeout=20).stdout.strip()]
for target in BODIES:
    url = "http://127.0.0.1:%d%s" % (listener.getsockname()[1], target)
    for name, read in (("sseclient-py", by_sseclient_py), ("httpx-sse", by_httpx_sse), ("aiosseclient", by_aiosseclient),
                       ("eventsource-client", by_eventsource_client)):
        print("%s, %s: %s" % (target[1:], name, ", ".join(read(url))))
E
SEEN=$("$T/v/bin/python" "$T/run.py" "$T/read.mjs" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = 'line, sseclient-py: wait=one, state={"state":"acc
line, httpx-sse: wait=one
line, aiosseclient: wait=one
line, eventsource-client: wait=one
between, sseclient-py: wait=one, state=first
between, httpx-sse: wait=one
between, aiosseclient: wait=one
between, eventsource-client: wait=one' ]
