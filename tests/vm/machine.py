# SPDX-License-Identifier: MIT
"""The emulated host as a person in front of it would have it: a console and a plug."""
import codecs
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import threading
import time

import cache
import emulator
import host_image

SHARE = "/mnt/exchange"  # where the exchange folder is mounted inside
GONE = r"reboot: Restarting system|GNU GRUB|rehearsal login:"  # nobody answers a command any more


class Failure(Exception):
    """Something that a test waited for did not happen."""


class Gone(Failure):
    """The machine rebooted while somebody talked to it."""


class Machine:
    """One emulated host on a disk of its own; the base image stays as it is."""

    def __init__(self, folder, devices=(), processors=2, memory_mib=None, image=host_image.path):
        self.folder = pathlib.Path(folder).resolve()
        self.exchange = self.folder / "exchange"
        self.exchange.mkdir(parents=True, exist_ok=True)
        self.disk = self.folder / "disk.raw"
        self.devices = devices  # more of QEMU's arguments
        self.processors = processors
        self.memory_mib = memory_mib or 3072 * processors
        self.process = None
        self.listeners = []  # called with every line of the console
        self._text = ""
        self._read = 0       # how far wait_for() has looked
        self._changed = threading.Condition()
        self._console = None
        self._began = time.monotonic()
        if not self.disk.exists():
            self._copy_disk(image())

    def _copy_disk(self, image):
        cache.run(["cp", "--sparse=always", "--reflink=auto", str(image), str(self.disk)],
                  self.folder / "log")

    # --- power --------------------------------------------------------------------------------

    def _argv(self):
        # cache=writethrough: a power cut keeps what was flushed, and nothing else.
        return emulator.command() + emulator.acceleration() + [
            "-machine", "q35,vmport=on", "-smbios", "type=1,serial=VMware-1",
            "-smp", str(self.processors),
            # The chipset's watchdog may reset the board, as on most boards.
            "-global", "ICH9-LPC.noreboot=false", "-m", str(self.memory_mib), "-display", "none", "-nodefaults",
            "-drive", f"file={self.disk},format=raw,if=virtio,cache=writethrough",
            "-chardev", f"socket,id=console,path={self.folder / 'console'},server=on,wait=off",
            "-serial", "chardev:console",
            "-qmp", f"unix:{self.folder / 'qmp'},server=on,wait=off",
            "-virtfs", f"local,path={self.exchange},mount_tag=exchange,security_model=none",
            *self.devices]

    def start(self):
        """Switches it on. The same disk is used again after a power cut."""
        for name in ("console", "qmp"):
            (self.folder / name).unlink(missing_ok=True)
        with open(self.folder / "emulator.log", "ab") as log:
            self.process = subprocess.Popen(self._argv(), env=emulator.environment(), stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL)
        self._console = self._connect("console")
        threading.Thread(target=self._listen, args=(self._console,), daemon=True).start()

    def _connect(self, name):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.folder / name))
                return connection
            except OSError:
                connection.close()
                time.sleep(0.05)
        raise Failure(f"the emulator did not come up, see {self.folder / 'emulator.log'}")

    def power_cut(self):
        """Pulls the plug: what was not flushed is gone."""
        self.process.kill()
        self.process.wait()
        self._console.close()

    def off(self):
        """Off, however it stands."""
        if self.process and self.process.poll() is None:
            self.power_cut()

    def _monitor(self, *commands):
        """Gives QEMU's monitor the commands, one by one: (name, arguments); their answers."""
        connection = self._connect("qmp")
        stream = connection.makefile("rw")
        stream.readline()
        answers = []
        for name, arguments in (("qmp_capabilities", {}), *commands):
            stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
            stream.flush()
            while "event" in (answer := json.loads(stream.readline())):
                pass
            answers.append(answer)
        connection.close()
        return answers[1:]

    def dump(self):
        """What its processors do, twice, and what Xen says of itself, into dump.log and the
        console's: for a machine that does not answer any more."""
        if self.process.poll() is not None:
            return
        with open(self.folder / "dump.log", "a", encoding="utf-8") as log:
            for _ in range(2):
                answer, = self._monitor(("human-monitor-command",
                                         {"command-line": "info registers -a"}))
                log.write(f"{time.monotonic() - self._began:8.2f}\n{answer.get('return', answer)}\n")
                self.send("\x01\x01\x01dr\x01\x01\x01\n")  # Xen's own keys, and back
                time.sleep(3)

    def wait_off(self, timeout):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"the machine did not switch off in {timeout} s") from None

    # --- console ------------------------------------------------------------------------------

    def _listen(self, connection):
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with open(self.folder / "console.log", "a", encoding="utf-8") as log:
            line = ""
            while True:
                try:
                    data = connection.recv(65536)
                except OSError:
                    return
                if not data:
                    return
                text = decoder.decode(data).replace("\r", "")
                with self._changed:
                    self._text += text
                    self._changed.notify_all()
                line = self._log_lines(log, line + text)

    def _log_lines(self, log, text):
        *whole, rest = text.split("\n")
        for line in whole:
            log.write(f"{time.monotonic() - self._began:8.2f} {line}\n")
            for listener in self.listeners:
                listener(line)
        log.flush()
        return rest

    def wait_for(self, pattern, timeout, while_up=False):
        """Waits until the console shows the pattern behind what was waited for before; returns
        the match. With while_up a reboot ends it, and is left to be waited for."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                match = re.compile(pattern).search(self._text, self._read)
                if match:
                    self._read = match.end()
                    return match
                if while_up and re.compile(GONE).search(self._text, self._read):
                    raise Gone("the machine rebooted")
                left = end - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    tail = self._text[self._read:][-2000:]
                    raise Failure(f"no \"{pattern}\" on the console in {timeout} s; it shows:\n"
                                  f"{tail}")

    def wait_quietly(self, seconds):
        """Waits, but not beyond a reboot, which raises Gone."""
        end = time.monotonic() + seconds
        with self._changed:
            while (left := end - time.monotonic()) > 0:
                if re.compile(GONE).search(self._text, self._read):
                    raise Gone("the machine rebooted")
                self._changed.wait(left)

    def send(self, text):
        self._console.sendall(text.encode())

    def login(self, timeout=300):
        """Waits for the root shell that the console logs in by itself."""
        self.wait_for(r"rehearsal login: root \(automatic login\)", timeout)
        self.wait_for(r"# ", 60)

    def run(self, command, timeout=120):
        """Runs a command in the console's shell: (exit status, output)."""
        mark = secrets.token_hex(8)
        # The mark is put together by the shell, so that an echo of the command is no answer.
        self.send(f"\necho be''gin-{mark}; {command}\necho en''d-{mark} $?\n")
        self.wait_for(rf"begin-{mark}\n", timeout, while_up=True)
        begin = self._read
        match = self.wait_for(rf"end-{mark} (\d+)\n", timeout, while_up=True)
        output = self._text[begin:match.start()]
        lines = [line.removeprefix("# ") for line in output.split("\n")]
        return int(match.group(1)), "\n".join(lines).strip("\n")

    def check(self, command, timeout=120):
        """run() of a command that has to succeed; its output."""
        status, output = self.run(command, timeout)
        if status != 0:
            raise Failure(f"{command}: exit status {status}:\n{output}")
        return output

    def mount_exchange(self):
        """Makes the exchange folder appear under SHARE; needed after each boot that uses it."""
        self.check(f"mkdir -p {SHARE} && (mountpoint -q {SHARE} || mount -t 9p -o "
                   f"trans=virtio,version=9p2000.L,msize=262144 exchange {SHARE})")


def scratch(name):
    """A fresh folder for a machine of this name, below build/vm of the checkout."""
    folder = pathlib.Path(os.environ.get("LATCAMPAIGN_VM", "build/vm")) / name
    if folder.exists():
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(parents=True)
    return folder
