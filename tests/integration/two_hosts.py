"""Two hosts on this machine, for tests: network namespaces with a cable between them. Open MPI starts its daemon on the other one."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ADDRESSES = ("10.77.0.1", "10.77.0.2")

# What Open MPI calls in the place of ssh: agent HOST COMMAND...
AGENT = """#!/bin/sh
[ "$1" = {address} ] || exit 255
shift
exec ip netns exec {name} unshare --uts sh -c "hostname {name}; $*"
"""


def ip(*arguments, check=True):
    process = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if check and process.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {process.stderr}")
    return process


def why_not():
    """Why there can be no hosts here; None where there can."""
    os.environ["PATH"] += ":/usr/sbin"
    missing = [name for name in ("ip", "unshare") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} is not installed (Debian: iproute2, util-linux)"
    if os.getuid() != 0:
        return "network namespaces need root"
    name = f"lodestone{os.getpid()}"
    if ip("netns", "add", name, check=False).returncode != 0:
        return "this machine makes no network namespaces"
    ip("netns", "del", name)
    return None


class TwoHosts:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hosts"))
        self.names = [f"lodestone{os.getpid()}{letter}" for letter in "ab"]
        self.agent = self.folder / "agent"
        self.agent.write_text(AGENT.format(address=ADDRESSES[1], name=self.names[1]))
        self.agent.chmod(0o755)
        try:
            for name in self.names:
                ip("netns", "add", name)
            ip("link", "add", "cable", "netns", self.names[0], "type", "veth", "peer", "name", "cable", "netns", self.names[1])
            for name, address in zip(self.names, ADDRESSES):
                ip("-n", name, "address", "add", f"{address}/24", "dev", "cable")
                for link in ("lo", "cable"):
                    ip("-n", name, "link", "set", link, "up")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for name in self.names:
            for process in ip("netns", "pids", name, check=False).stdout.split():
                subprocess.run(["kill", "-9", process], capture_output=True)
            ip("netns", "del", name, check=False)
        shutil.rmtree(self.folder)

    def command_line(self, *arguments, **parameters):
        """Starts a program on the first host with one rank on each. parameters: Open MPI's, by name."""
        launcher = [os.environ.get("MPIEXEC", "mpirun"), "--host", ",".join(f"{address}:1" for address in ADDRESSES), "-n", "2",
                    "--mca", "plm_rsh_agent", self.agent]
        for name, value in parameters.items():
            launcher += ["--mca", name, value]
        inside = ["ip", "netns", "exec", self.names[0], "unshare", "--uts", "sh", "-c", f'hostname {self.names[0]}; exec "$@"', "sh"]
        return [str(word) for word in (*inside, *launcher, *arguments)]

    def set_cable(self, state):
        """state: up or down. What is sent while it is down is lost without a word, as with a host that has lost its power."""
        ip("-n", self.names[1], "link", "set", "cable", state)

    def bytes_received(self):
        """Over the cable, by the first host."""
        text = ip("netns", "exec", self.names[0], "cat", "/proc/net/dev").stdout
        return int(re.search(r"cable: *(\d+)", text)[1])

    def processes(self):
        return [process for name in self.names for process in ip("netns", "pids", name).stdout.split()]
