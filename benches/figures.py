#!/usr/bin/env python3
"""Figures of the real binary from outside, each beside a peer measured in the same run on the same machine.

usage: benches/figures.py [path/to/whodunit] [output of the benches]

Without arguments: target/release/whodunit, and `cargo bench` is run for the rows measured inside the process.
Prints one Markdown table: what, ours, peer, ratio. Standard library only, Linux. Peers that are not installed are said
so; the real client is `kubectl` on the PATH, or what KUBECTL names.
  start   spawn to the chunk after which nothing more comes for 150 ms, on a 160x50 pseudo-terminal, best of N
  key     a key written to the first byte that comes back, median of N
  pods    `kubectl get pods`, 100 pods, inside our process against the CPU of the real client's process asking a server
          on loopback that answers at once with as many rows
  queue   `aws sqs get-queue-attributes` inside our process against the CPU of the real command's process (`aws` on the PATH,
          or what AWS names), which asks a server on loopback that answers at once
  run     waiting in a drill, from `run --json`: wall time of five hours' wait less that of none
"""
import fcntl, http.server, json, os, pty, resource, select, shutil, signal, statistics, struct, subprocess, sys, tempfile
import termios, threading, time

OWN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/whodunit")
SIZE = (50, 160)
QUIET = 0.15


class Screen:
    """A program on a pseudo-terminal; only the times of its bytes are kept."""

    def __init__(self, argv, env=None):
        self.begun = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})})
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))

    def settle(self, quiet=QUIET, limit=5.0):
        """Reads until nothing comes for `quiet` seconds: the times of first and last byte."""
        first = last = None
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if not select.select([self.fd], [], [], quiet)[0]:
                if last:
                    break
                continue
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
            last = time.monotonic()
            first = first or last
        return first, last

    def key(self, key):
        begun = time.monotonic()
        os.write(self.fd, key)
        first, _ = self.settle(0.03, 1.0)
        return None if first is None else first - begun

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def start_seconds(argv, env=None, times=15):
    found = []
    for _ in range(times):
        screen = Screen(argv, env)
        _, last = screen.settle()
        if last:
            found.append(last - screen.begun)
        screen.close()
    return min(found) if found else None


def key_seconds(argv, keys, env=None, times=60):
    screen = Screen(argv, env)
    screen.settle()
    time.sleep(0.2)
    found = [screen.key(keys[n % len(keys)]) for n in range(times)]
    screen.close()
    found = [t for t in found if t]
    return statistics.median(found) if found else None


def row(what, ours, peer_name, peer):
    if ours is None or peer is None:
        print(f"| {what} | {'-' if ours is None else f'{ours * 1e3:.2f} ms'} | {peer_name}: not measured here | |")
        return
    print(f"| {what} | {ours * 1e3:.2f} ms | {peer_name} {peer * 1e3:.2f} ms | {ours / peer:.3f} |")


class Answering(http.server.BaseHTTPRequestHandler):
    """Says what it is given, and keeps quiet about it."""

    def log_message(self, *_):
        pass

    def reply(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class PodList(Answering):
    """Answers what kubectl needs for `get pods`: a Table with 24 rows."""

    def do_GET(self):
        names = ["Name", "Ready", "Status", "Restarts", "Age"]
        cells = [{"cells": [f"checkout-7d9c-{n:05}", "1/1", "Running", "0", "9m"], "object": {"kind": "PartialObjectMetadata",
                 "apiVersion": "meta.k8s.io/v1", "metadata": {"name": f"checkout-7d9c-{n:05}", "namespace": "shop"}}} for n in range(100)]
        table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
                 "columnDefinitions": [{"name": n, "type": "string", "format": "name" if n == "Name" else "", "priority": 0} for n in names], "rows": cells}
        resources = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
            {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]}]}
        answers = {"/api": {"kind": "APIVersions", "versions": ["v1"]}, "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
                   "/api/v1": resources}
        path = self.path.split("?")[0]
        body = json.dumps(table if path.endswith("/pods") else answers.get(path, {})).encode()
        self.reply("application/json", body)


def real_kubectl_seconds(folder):
    """CPU seconds of one `kubectl get pods`, least of eight."""
    kubectl = shutil.which(os.environ.get("KUBECTL", "kubectl"))
    if not kubectl:
        return None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), PodList)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {**os.environ, "HOME": folder, "KUBECONFIG": "/dev/null"}
    argv = [kubectl, f"--server=http://127.0.0.1:{server.server_port}", "-n", "shop", "get", "pods"]
    least = least_cpu("kubectl", argv, env, 8)
    server.shutdown()
    return least


class Queue(Answering):
    """Answers `GetQueueAttributes` with as many attributes as ours has."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        names = ["QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
                 "CreatedTimestamp", "LastModifiedTimestamp", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod",
                 "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "Policy", "SqsManagedSseEnabled"]
        body = json.dumps({"Attributes": {name: "30" for name in names}}).encode()
        self.reply("application/x-amz-json-1.0", body)


def real_aws_seconds(folder):
    """CPU seconds of one `aws sqs get-queue-attributes`, least of four."""
    aws = shutil.which(os.environ.get("AWS", "aws"))
    if not aws:
        return None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Queue)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {**os.environ, "HOME": folder, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "ap-northeast-2"}
    argv = [aws, f"--endpoint-url=http://127.0.0.1:{server.server_port}", "--no-cli-pager", "sqs", "get-queue-attributes",
            "--attribute-names", "All", "--queue-url", "https://sqs.ap-northeast-2.amazonaws.com/123456789012/shipping-orders"]
    if b"aws-cli/1" in subprocess.run([aws, "--version"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout:
        argv.remove("--no-cli-pager")
    least = least_cpu("aws", argv, env, 4)
    server.shutdown()
    return least


def least_cpu(name, argv, env, times):
    """CPU seconds of the cheapest of so many runs, after one that warms up; none if one fails."""
    found = []
    for n in range(times + 1):
        begun = cpu_of_children()
        done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            print(f"<!-- {name}: {done.stderr.decode()[:200]} -->")
            return None
        if n > 0:
            found.append(cpu_of_children() - begun)
    return min(found)


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def benches():
    """Rows and named seconds that the benches inside the process print."""
    if len(sys.argv) > 2:
        with open(sys.argv[2]) as file:
            text = file.read()
    else:
        done = subprocess.run(["cargo", "bench", "--bench", "micro", "--bench", "estate"], stdout=subprocess.PIPE)
        text = done.stdout.decode()
    lines = [line.split("\t") for line in text.splitlines()]
    return [l[1:] for l in lines if l[0] == "row"], {l[1]: float(l[2]) for l in lines if l[0] == "seconds"}


def waited(case, folder):
    """Simulated over wall time of waiting five hours in a drill."""
    def took(lines):
        path = os.path.join(folder, "t.txt")
        with open(path, "w") as file:
            file.write(lines)
        found = []
        env = {**os.environ, "WHODUNIT_DATA": folder}
        for _ in range(3):
            begun = time.monotonic()
            done = subprocess.run([OWN, "run", case, path, "--seed", "1", "--json"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            found.append(time.monotonic() - begun)
            if done.returncode != 0:
                print(f"<!-- run {case}: {done.stderr.decode()[:200]} -->")
                return None
        return min(found)
    none, wait = took("# nothing\n"), took("wait 5h\n")
    return None if None in (none, wait) else 5 * 3600 / max(wait - none, 1e-4)


def main():
    if not os.path.exists(OWN):
        sys.exit(f"there is no {OWN}: cargo build --release")
    folder = tempfile.mkdtemp()
    env = {"WHODUNIT_DATA": folder, "HOME": folder}
    text = os.path.join(folder, "text")
    with open(text, "w") as file:
        file.writelines(f"line {n}\n" for n in range(1000))
    cases = os.path.join(folder, "scenarios")
    for n in range(200):
        os.makedirs(f"{cases}/case-{n}")
        with open(f"{cases}/case-{n}/scenario.toml", "w") as file:
            file.write(f'format = 1\n[drill]\ntitle = "Case number {n}"\nlevel = 2\nminutes = 15\ntags = ["a", "b"]\nbrief = "x"\n' + "# filler\n" * 500)
    print("| what | ours | peer | ratio |\n| --- | --- | --- | --- |")
    ours = start_seconds([OWN], env)
    for name, argv in [("vim", ["vim", "-u", "NONE", "-N", text]), ("less", ["less", text]), ("htop", ["htop"])]:
        row("start to first frame, 200 cases, 160x50", ours, name, start_seconds(argv) if shutil.which(name) else None)
    ours = key_seconds([OWN], [b"j", b"k"], env)
    for name, argv, keys in [("less", ["less", text], [b"j", b"k"]), ("vim", ["vim", "-u", "NONE", "-N", text], [b"j", b"k"]),
                             ("htop", ["htop", "-d", "100"], [b"\x1b[B", b"\x1b[A"])]:
        row("key to frame, median", ours, name, key_seconds(argv, keys) if shutil.which(name) else None)
    replay = waited("the-pod-that-would-not-stay-up", folder)
    if replay:
        print(f"| waiting in a drill, simulated over wall time | {replay:,.0f}x | the real one 1x | {replay:,.0f} |")
    rows, seconds = benches()
    client = real_kubectl_seconds(folder)
    for name, what in [("get-pods", "kubectl get pods"), ("get-pods-wide", "kubectl get pods -o wide"),
                       ("get-pods-yaml", "kubectl get pods -o yaml")]:
        row(f"{what}, 100 pods (peer: its CPU for get pods)", seconds.get(name), "the real client's process", client)
    row("aws sqs get-queue-attributes", seconds.get("get-queue-attributes"), "the real command's process", real_aws_seconds(folder))
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    print(f"| release binary | {os.path.getsize(OWN) / 1e6:.1f} MB | budget 25 MB | {os.path.getsize(OWN) / 25e6:.2f} |")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
