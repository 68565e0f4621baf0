#!/usr/bin/env python3
"""Figures of the real binary from outside, each beside a peer measured in the same run on the same machine.

usage: benches/figures.py [path/to/whodunit]      (default: target/release/whodunit)

Prints a Markdown table: what, ours, peer, ratio. Standard library only, Linux. Peers that are not installed are said so.
  start   spawn to the chunk after which nothing more comes for 150 ms, on a 160x50 pseudo-terminal, best of N
  key     a key written to the first byte that comes back, median of N
  pods    `kubectl get pods` in a drill (from `run --json`: wall time of 200 gets less that of none) against the real
          client's process asking a server on loopback that answers at once
"""
import fcntl, http.server, json, os, pty, select, shutil, signal, statistics, struct, subprocess, sys, tempfile
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


class PodList(http.server.BaseHTTPRequestHandler):
    """Answers what kubectl needs for `get pods`: a Table with 24 rows."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        names = ["Name", "Ready", "Status", "Restarts", "Age"]
        cells = [{"cells": [f"checkout-7d9c-{n:05}", "1/1", "Running", "0", "9m"], "object": {"kind": "PartialObjectMetadata",
                 "apiVersion": "meta.k8s.io/v1", "metadata": {"name": f"checkout-7d9c-{n:05}", "namespace": "shop"}}} for n in range(24)]
        table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
                 "columnDefinitions": [{"name": n, "type": "string", "format": "name" if n == "Name" else "", "priority": 0} for n in names], "rows": cells}
        resources = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
            {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]}]}
        answers = {"/api": {"kind": "APIVersions", "versions": ["v1"]}, "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
                   "/api/v1": resources}
        path = self.path.split("?")[0]
        body = json.dumps(table if path.endswith("/pods") else answers.get(path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def real_kubectl_seconds(folder):
    if not shutil.which("kubectl"):
        return None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), PodList)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {**os.environ, "HOME": folder, "KUBECONFIG": "/dev/null"}
    argv = ["kubectl", f"--server=http://127.0.0.1:{server.server_port}", "-n", "shop", "get", "pods"]
    found = []
    for n in range(9):
        begun = time.monotonic()
        done = subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            print(f"<!-- kubectl: {done.stderr.decode()[:200]} -->")
            return None
        if n > 0:
            found.append(time.monotonic() - begun)
    server.shutdown()
    return min(found)


def own_gets(case, folder):
    """Seconds for one `kubectl get pods`, and simulated over wall time of waiting a day, from transcripts."""
    def took(lines):
        path = os.path.join(folder, "t.txt")
        with open(path, "w") as file:
            file.write(lines)
        found = []
        for _ in range(3):
            begun = time.monotonic()
            done = subprocess.run([OWN, "run", case, path, "--seed", "1", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            found.append(time.monotonic() - begun)
            if done.returncode != 0:
                print(f"<!-- run {case}: {done.stderr.decode()[:200]} -->")
                return None
        return min(found)
    none, gets, wait = took("# nothing\n"), took("$ kubectl get pods -n shop\n" * 200), took("wait 5h\n")
    if None in (none, gets, wait):
        return None, None
    return max(gets - none, 1e-7) / 200, 5 * 3600 / max(wait - none, 1e-4)


def main():
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
    gets, replay = own_gets("the-pod-that-would-not-stay-up", folder)
    row("kubectl get pods", gets, "the real client's process", real_kubectl_seconds(folder))
    if replay:
        print(f"| a drill's estate, simulated over wall time | {replay:,.0f}x | the real one 1x | {replay:,.0f} |")
    shutil.rmtree(folder, ignore_errors=True)


main()
