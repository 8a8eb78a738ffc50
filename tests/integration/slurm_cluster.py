"""A Slurm cluster of one node with two processors on this machine, for tests: its own daemons, keys and ports, all in one folder."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel", "squeue")

CONFIGURATION = """ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=5
OverTimeLimit=0
InactiveLimit=0
MinJobAge=600
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=short Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def why_not():
    """Why there can be no cluster here; None where there can."""
    missing = [name for name in NEEDED if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin") is None]
    if missing:
        return f"Slurm is not installed ({', '.join(missing)}); scripts/install_dependencies.sh --with-checks"
    return None if os.getuid() == 0 else "the daemons of Slurm need root"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slurm"))
        self.host = socket.gethostname().split(".")[0]
        self.daemons = []
        self.environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin", "SLURM_CONF": str(self.folder / "slurm.conf")}
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        os.chmod(self.folder, 0o755)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(host=self.host, folder=self.folder, controller_port=free_port(),
                                                                     node_port=free_port()))
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        os.chmod(key, 0o400)
        self.launch("munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket", f"--key-file={key}",
                    f"--log-file={self.folder}/munged.log", f"--pid-file={self.folder}/munged.pid", f"--seed-file={self.folder}/munge.seed")
        self.wait_for(lambda: (self.folder / "munge.socket").exists(), "munged")
        self.launch("slurmctld", "-D", "-i", "-f", self.environment["SLURM_CONF"])
        self.launch("slurmd", "-D", "-f", self.environment["SLURM_CONF"], "-N", self.host)
        self.wait_for(lambda: self.run("sinfo", "--noheader", "--format=%T", check=False).stdout.strip() == "idle", "the node")

    def launch(self, *command):
        self.daemons.append(subprocess.Popen([str(c) for c in command], env=self.environment, stdin=subprocess.DEVNULL,
                                             stdout=open(self.folder / (command[0] + ".out"), "w"), stderr=subprocess.STDOUT,
                                             start_new_session=True))

    def wait_for(self, condition, what, seconds=30):
        end = time.time() + seconds
        while not condition():
            if time.time() > end:
                logs = "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in sorted(self.folder.glob("*.[lo]*")) if log.is_file())
                raise RuntimeError(f"{what} is not there after {seconds} s\n{logs}")
            time.sleep(0.2)

    def run(self, *command, check=True, **more):
        process = subprocess.run([str(c) for c in command], env=self.environment, capture_output=True, text=True, timeout=120,
                                 stdin=subprocess.DEVNULL, **more)
        if check and process.returncode != 0:
            raise RuntimeError(f"{command}: {process.stdout}{process.stderr}")
        return process

    def submit(self, *arguments, folder):
        """The number of the job. `folder`: where it is submitted and writes its log."""
        return self.run("sbatch", "--parsable", *arguments, cwd=folder).stdout.strip().split(";")[0]

    def job(self, number):
        """What scontrol says of a job, by name."""
        text = self.run("scontrol", "--oneliner", "show", "job", number).stdout.splitlines()[0]
        return dict(word.split("=", 1) for word in text.split() if "=" in word)

    def start_soon(self, number):
        """Slurm lets jobs that are queued again wait for two minutes. Some seconds it needs to forget their first start."""
        self.run("scontrol", "update", f"JobId={number}", "StartTime=now+8seconds")

    def wait_for_end(self, number, seconds):
        """The job when it has ended for good."""
        hurried = set()

        def has_ended():
            job = self.job(number)
            if job["JobState"] == "PENDING" and job["Reason"] == "BeginTime" and job["Restarts"] not in hurried:
                hurried.add(job["Restarts"])
                self.start_soon(number)
            return job["JobState"] not in ("PENDING", "RUNNING", "COMPLETING", "REQUEUED")

        def stays_ended():  # a job that is queued again looks failed for a moment
            return has_ended() and (time.sleep(3) or has_ended())

        self.wait_for(stays_ended, f"the end of job {number}", seconds)
        return self.job(number)

    def stop(self):
        for daemon in reversed(self.daemons):
            try:
                os.killpg(daemon.pid, signal.SIGTERM)
                daemon.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
            try:
                os.killpg(daemon.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)
