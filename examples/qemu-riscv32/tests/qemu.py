"""One machine: a QEMU process with a flash file, spoken to over its serial line."""

import contextlib
import json
import shutil
import socket
import subprocess
import threading

FLASH_SIZE = 32 * 1024 * 1024
# Longer than anything takes on a busy machine; nobody waits this long unless something is broken.
GUARD = 30

POWER_CUT = 75
CRASHED = 101


class Ended(Exception):
    """The machine ended while it was asked something."""


def new_flash(path):
    """An erased flash."""
    path.write_bytes(b"\xff" * FLASH_SIZE)
    return path


def command_line(image, flash, control, **options):
    """How QEMU is started; options are the machine's command line, with dashes for underscores."""
    command = [
        *("qemu-system-riscv32", "-machine", "virt", "-m", "16M", "-smp", "1", "-nodefaults", "-display", "none"),
        *("-bios", str(image), "-serial", "stdio", "-qmp", f"unix:{control},server=on,wait=off"),
        *("-drive", f"if=pflash,unit=1,format=raw,file={flash}"),
        *("-netdev", "user,id=n0", "-device", "virtio-net-device,netdev=n0", "-device", "virtio-rng-device"),
        *("-global", "virtio-mmio.force-legacy=false"),
    ]
    if options:
        words = (f"{name.replace('_', '-')}={value}" for name, value in options.items())
        # QEMU wants a kernel beside a command line, and hands it over without looking.
        command += ["-kernel", str(image), "-append", " ".join(words)]
    return command


def set_link(control, up):
    """Plugs the network cable of a machine, or pulls it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(GUARD)
        connection.connect(str(control))
        stream = connection.makefile("rw")
        stream.readline()
        for command in (
            {"execute": "qmp_capabilities"},
            {"execute": "set_link", "arguments": {"name": "n0", "up": up}},
        ):
            stream.write(json.dumps(command))
            stream.flush()
            # Events may come between.
            while "return" not in (reply := json.loads(stream.readline())):
                assert "error" not in reply, reply


class Qemu:
    """A machine with this image and this flash file. It can be started again after it ended, with what is in its flash."""

    def __init__(self, image, flash, control):
        self.image = image
        self.flash = flash
        self._control = control
        self._process = None
        self._changed = threading.Condition()

    def start(self, **options):
        """Starts it, with these options on its command line."""
        assert self._process is None, "it runs already"
        self._control.unlink(missing_ok=True)
        command = command_line(self.image, self.flash, self._control, **options)
        self.lines = []
        self._waiting = []
        self._ended = False
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()
        return self

    def ready(self, **options):
        """Starts it and waits until it listens: what is sent before is lost."""
        self.start(**options)
        return self.expect("ready")

    def send(self, line):
        # The machine may lose its power over what it is told.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line.encode() + b"\n")

    def expect(self, *beginnings):
        """The next line that begins with one of these words; lines that begin otherwise wait for others to ask."""
        return self._expect(beginnings)[1]

    def ask(self, line):
        """Gives a command and returns what follows its name in the answer."""
        self.send(line)
        beginning, rest = self._expect((line.split(" ", 1)[0], "error"))
        assert beginning != "error", f"{line}: {rest}"
        return rest

    def fields(self, line):
        """The same for answers of the form `name=value`, with numbers."""
        return {name: int(value) for name, value in (pair.split("=") for pair in self.ask(line).split())}

    def exit_code(self):
        """Waits until it ends by itself."""
        try:
            code = self._process.wait(GUARD)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end; it said {self.lines}") from None
        self._end()
        return code

    def kill(self):
        """Pulls the plug: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._end()

    def set_link(self, up):
        """Plugs the network cable, or pulls it."""
        set_link(self._control, up)

    def _expect(self, beginnings):
        def wanted():
            for at, line in enumerate(self._waiting):
                word, _, rest = line.partition(" ")
                if word in beginnings:
                    del self._waiting[at]
                    return word, rest
            return None

        with self._changed:
            found = self._changed.wait_for(lambda: wanted() or self._ended, GUARD)
            assert found, f"no line {beginnings} in {GUARD} s, but {self.lines}"
            if found is True:
                raise Ended(f"before a line {beginnings}; it said {self.lines}")
            return found

    def _read(self, stream):
        for line in stream:
            line = line.decode(errors="replace").rstrip("\n")
            with self._changed:
                self.lines.append(line)
                self._waiting.append(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _end(self):
        self._reader.join()
        problems = self._process.stderr.read().decode(errors="replace")
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            stream.close()
        self._process = None
        assert not problems, problems


class Flashes:
    """Flash files in a folder; 32 MiB of ones are made once and copied."""

    def __init__(self, folder):
        self.folder = folder
        self.erased = new_flash(folder / "erased")
        self._count = 0

    def copy(self, of=None):
        self._count += 1
        return shutil.copyfile(of or self.erased, self.folder / f"flash{self._count}")
