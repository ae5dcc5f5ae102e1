"""The notification service of a desktop without anybody before it (org.freedesktop.Notifications, 1.2).

Each notification that a program shows is a line of JSON on standard output. A line on standard input taps one: its number.
"""

import asyncio
import json
import sys

from dbus_next.aio import MessageBus
from dbus_next.service import ServiceInterface, method, signal


class Desktop(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.Notifications")
        self.count = 0

    @method()
    def GetCapabilities(self) -> "as":
        return ["actions", "body", "persistence"]

    @method()
    def GetServerInformation(self) -> "ssss":
        return ["desktop", "test", "1", "1.2"]

    @method()
    def Notify(self, app: "s", replaces: "u", icon: "s", summary: "s", body: "s", actions: "as", hints: "a{sv}", timeout: "i") -> "u":
        if not replaces:
            self.count += 1
        number = replaces or self.count
        print(json.dumps({"number": number, "title": summary, "body": body}), flush=True)
        return number

    @method()
    def CloseNotification(self, number: "u"):
        self.NotificationClosed(number, 3)

    @signal()
    def ActionInvoked(self, number, key) -> "us":
        return [number, key]

    @signal()
    def NotificationClosed(self, number, reason) -> "uu":
        return [number, reason]


async def main():
    bus = await MessageBus().connect()
    desktop = Desktop()
    bus.export("/org/freedesktop/Notifications", desktop)
    await bus.request_name("org.freedesktop.Notifications")
    print(json.dumps({"number": 0, "title": "", "body": ""}), flush=True)
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await lines.readline():
        desktop.ActionInvoked(int(line), "default")


asyncio.run(main())
