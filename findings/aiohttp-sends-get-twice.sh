#!/bin/bash
# aiohttp sends a GET a second time by itself, on a new connection and with the very same headers.
#
# Versions: PyPI aiohttp 3.14.5; beside it requests 2.34.2 and httpx 0.28.1.
# Guess: only a request on a kept connection, which the server may just have closed, is sent again; on the first connection of a session a
#   close without an answer is an error, as in requests and httpx.
# Seen: the server of the first connection reads the request and closes without an answer; the same request comes again on a second one.
#   So do HEAD, PUT and DELETE; POST does not. The program hears of the second failure only.
# Output seen: "aiohttp: GET 2 HEAD 2 PUT 2 DELETE 2 POST 1, same headers" / "requests: GET 1 ..." / "httpx: GET 1 ...".
# For users: a request signed over a nonce is a replay when it comes twice. When the first one was carried out and its answer was lost, the
#   program is told 403 "nonce replayed" and never learns of the success.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null || skip "needs python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install aiohttp==3.14.5 requests==2.34.2 httpx==0.28.1 >/dev/null 2>&1 || skip "a package is not to be had"
cat > "$T/run.py" <<'E'
import asyncio, socket, threading
import aiohttp, httpx, requests
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(16)
heads = []
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
            heads.append(head.split(b"\r\n\r\n")[0])
        c.close()
threading.Thread(target=serve, daemon=True).start()
URL = "http://127.0.0.1:%d/authentication/session/t/status" % listener.getsockname()[1]
SIGNED = {"Authentication": "hmac id:1234567890123456789:c2lnbmF0dXJlc2lnbmF0dXI=", "X-Timestamp": "1795000000"}
def by_aiohttp(method):
    async def call():
        async with aiohttp.ClientSession() as session:
            async with session.request(method, URL, headers=SIGNED) as answer:
                await answer.read()
    asyncio.run(call())
def by_requests(method):
    requests.request(method, URL, headers=SIGNED)
def by_httpx(method):
    httpx.request(method, URL, headers=SIGNED)
for name, call in (("aiohttp", by_aiohttp), ("requests", by_requests), ("httpx", by_httpx)):
    counts, same = [], True
    for method in ("GET", "HEAD", "PUT", "DELETE", "POST"):
        heads.clear()
        try:
            call(method)
            counts.append(method + " answered?")
        except Exception:
            counts.append("%s %d" % (method, len(heads)))
        same = same and len(set(heads)) == 1
    print(name + ": " + " ".join(counts) + (", same headers" if same else ", headers differ"))
E
SEEN=$("$T/v/bin/python" "$T/run.py" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = "aiohttp: GET 2 HEAD 2 PUT 2 DELETE 2 POST 1, same headers
requests: GET 1 HEAD 1 PUT 1 DELETE 1 POST 1, same headers
httpx: GET 1 HEAD 1 PUT 1 DELETE 1 POST 1, same headers" ]
