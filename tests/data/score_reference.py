"""Asks the reference model of the grading rules: `score_reference.py DIR worked` prints its worked runs with their logs,
`score_reference.py DIR score` reads a JSON list of logs and prints, for each, the seven dimensions and the total as exact
fractions and what the reference's toy world says of the run. `score_reference.py DIR policy` prints its optimal policy and
what each command is worth."""
import json, os, sys
from fractions import Fraction

DIR = sys.argv[1]
sys.path.insert(0, DIR)
sys.dont_write_bytecode = True
import engine
import runs

DIMS = 'VEKPMRU'


def plain(value):
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def read(log):
    for event in log:
        if 'conf' in event:
            event['conf'] = {k: Fraction(v) for k, v in event['conf'].items()}
    return log


def answer(scenario, log):
    result = engine.score(scenario, log)
    trace = result['T']
    fix = trace.get('fix')
    return dict(dims={dim: str(result['dims'][dim]) for dim in DIMS}, total=str(result['total']),
                seen=trace['seen_t'], dead={k: v[0] for k, v in trace['dead'].items()},
                harm=str(trace['harm']), recovered=trace['recover_t'], again=trace.get('recover_t2'),
                fix=next((n for n, e in enumerate(log) if e is fix), None), lasts=trace['lasts'])


def policy(scenario):
    cost, path, expected, states = engine.policy_cost(scenario)
    after = [dict(seen=seen, voi={cmd: str(gain) for gain, _, cmd in engine.voi_table(scenario, seen)})
             for seen in ([], ['oomkilled', 'quiet-events'], ['sawtooth', 'node-calm'])]
    return dict(cost=cost, path=path, expected=expected, states=states, voi=after)


if sys.argv[2] == 'worked':
    out = [dict(name=n, log=plain(l), answer=answer(runs.s, l)) for n, l in runs.RUNS.items()]
elif sys.argv[2] == 'policy':
    out = policy(runs.s)
else:
    out = [answer(runs.s, read(log)) for log in json.load(sys.stdin)]
json.dump(out, sys.stdout)
