"""The real aws command in one process: for each {"args": […]} on standard input, what it printed and its exit code. Also
{"script": "…"}: Python that is run with boto3 at hand; what it prints, or how it failed."""
import io, json, sys, traceback

import botocore.loaders, botocore.session
import awscli.clidriver
import boto3

# As the command calls itself.
sys.argv[0] = "aws"
# Models are read once, not once a command.
LOADERS = {}
CREATE = botocore.session.create_loader
botocore.session.create_loader = lambda path=None: LOADERS.setdefault(path, CREATE(path))


def captured(run):
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True, newline="") for _ in range(2))
    real = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        code = run()
    except SystemExit as leave:
        code = leave.code
    except Exception:
        traceback.print_exc()
        code = -1
    finally:
        sys.stdout, sys.stderr = real
    text = lambda stream: stream.buffer.getvalue().decode("utf-8", "replace")
    return {"out": text(out), "err": text(err), "code": code or 0}


for line in sys.stdin:
    row = json.loads(line)
    if "args" in row:
        told = captured(lambda: awscli.clidriver.create_clidriver().main(row["args"]))
    else:
        told = captured(lambda: exec(compile(row["script"], "script", "exec"), {"boto3": boto3}))
    print(json.dumps(told), flush=True)
