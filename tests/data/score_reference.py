"""Asks the reference model of the grading rules: `score_reference.py DIR worked` prints its worked runs with their logs,
`score_reference.py DIR score` reads a JSON list of logs and prints, for each, V, E and P as exact fractions and what the
reference's toy world says was seen and what is dead at the end."""
import json, os, sys
from fractions import Fraction

DIR = sys.argv[1]
sys.path.insert(0, DIR)
sys.dont_write_bytecode = True
import engine


def plain(value):
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def answer(scenario, log):
    result = engine.score(scenario, log)
    trace = result['T']
    return dict(V=str(result['dims']['V']), E=str(result['dims']['E']), P=str(result['dims']['P']),
                seen=trace['seen_t'], dead={k: v[0] for k, v in trace['dead'].items()})


if sys.argv[2] == 'worked':
    import runs
    out = [dict(name=n, log=plain(l), answer=answer(runs.s, l)) for n, l in runs.RUNS.items()]
else:
    scenario = engine.Scenario(os.path.join(DIR, 'crashloop.toml'))
    out = [answer(scenario, log) for log in json.load(sys.stdin)]
json.dump(out, sys.stdout)
