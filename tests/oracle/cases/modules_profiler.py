"""mx.profiler: settings, states, ranges of one's own, sums and the trace, without the times."""

import json


def _sums(mx, *domains):
    """How often what was measured, by domain and name."""
    found = json.loads(mx.profiler.dumps(reset=True, format="json"))
    names = domains or ("dom", "dom,frame", "dom,instant_marker", "event")
    return [[name, sorted((one, sums["Count"]) for one, sums in found["Time"].get(name, {}).items())]
            for name in names] + [found["Unit"]]


def _trace(filename, wanted):
    """The events of some names, without times and numbers of threads."""
    with open(filename) as file:
        trace = json.load(file)
    lines = [[e["name"], e["ph"], e["cat"], e.get("args"), e.get("s")] for e in trace["traceEvents"] if "cat" in e]
    return [sorted(trace), trace["displayTimeUnit"], [line for line in lines if line[0] in wanted]]


def ranges_of_ones_own(mx):
    profiler = mx.profiler
    profiler.set_config(profile_all=True, aggregate_stats=True, filename="own.json")
    profiler.set_state("run")
    domain = profiler.Domain("dom")
    task, frame, event = domain.new_task("tsk"), domain.new_frame("frm"), profiler.Event("evt")
    for each in (task, frame, event, task, profiler.Task(domain, "two"), profiler.Frame(domain, "other")):
        each.start()
        each.stop()
    counter = domain.new_counter("cnt", 5)
    counter.set_value(3)
    counter.increment(2)
    counter.decrement()
    counter += 7
    counter -= 1
    marker = profiler.Marker(domain, "mrk")
    marker.mark()
    marker.mark("thread")
    second = profiler.Counter(domain, "late")
    second.increment()
    profiler.set_state("stop")
    sums = _sums(mx)
    profiler.dump()
    return [sums, _trace("own.json", ("cnt", "late", "mrk")), str(domain), str(task), str(frame), str(event),
            str(counter), domain.name, task.name, marker.name, lambda: marker.mark("x"), lambda: profiler.dump()]


def numbers_of_a_counter(mx):
    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename="counter.json")
    mx.profiler.set_state("run")
    counter = mx.profiler.Domain("dom").new_counter("cnt", 5)
    for value in (3, 9, 4):
        counter.set_value(value)
    mx.profiler.set_state("stop")
    numbers = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"]["dom"]
    line = [text for text in mx.profiler.dumps().split("\n") if text.startswith("cnt")]
    mx.profiler.dump()
    return [numbers, line]


def operators(mx):
    x = mx.nd.ones((10, 10))
    mx.nd.waitall()
    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename="operators.json")
    mx.profiler.set_state("run")
    y = mx.nd.sqrt(x)
    y = y + 1
    y = y + 1
    z = mx.nd.dot(x, y) * y
    mx.nd.waitall()
    mx.profiler.pause()
    mx.nd.relu(z).wait_to_read()
    mx.profiler.resume()
    mx.nd.sigmoid(z).wait_to_read()
    mx.profiler.set_state("stop")
    mx.nd.tanh(z).wait_to_read()
    counts = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"]["operator"]
    mx.profiler.dump(True)
    wanted = ("sqrt", "_plus_scalar", "dot", "broadcast_mul", "relu", "sigmoid", "tanh")
    phases = {}
    for name, phase, category, _, _ in _trace("operators.json", wanted)[2]:
        if phase in "BE":  # MXNet has each operator once more, as b and e
            phases.setdefault(name, []).append(phase + category)
    return [[name, counts.get(name, {}).get("Count"), sorted(phases.get(name, []))] for name in wanted]


def backward_operators(mx):
    x = mx.nd.ones((3,))
    x.attach_grad()
    mx.nd.waitall()
    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename="operators.json")
    mx.profiler.set_state("run")
    with mx.autograd.record():
        y = mx.nd.relu(x)
    y.backward()
    mx.nd.waitall()
    mx.profiler.set_state("stop")
    counts = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"]["operator"]
    mx.profiler.dump()
    return sorted(name for name in counts if "relu" in name)


def form_of_the_table(mx):
    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename="table.json")
    mx.profiler.set_state("run")
    mx.profiler.Domain("dom").new_counter("cnt", 5)
    mx.profiler.set_state("stop")
    text = mx.profiler.dumps(reset=True)
    mx.profiler.dump()
    head = text.split("\n")[:3]
    part = text[text.index("dom\n"):].split("\n\n")[0]
    return [head, part, mx.profiler.dumps(), mx.profiler.dumps(sort_by="avg", ascending=True)]


def without_sums(mx):
    mx.profiler.set_config(profile_all=True, aggregate_stats=False, filename="none.json")
    mx.profiler.set_state("run")
    mx.nd.ones((2,)).wait_to_read()
    mx.profiler.set_state("stop")
    text = mx.profiler.dumps()
    mx.profiler.dump()
    return text


def bad_calls(mx):
    profiler = mx.profiler
    return [lambda: profiler.set_config(nonsense=1), lambda: profiler.set_config(profile_all="x"),
            lambda: profiler.set_state("x"), lambda: profiler.dumps(format="x"), lambda: profiler.dumps(sort_by="x"),
            lambda: profiler.dumps(reset="x"), lambda: profiler.dumps(ascending="x"), lambda: profiler.pause("x"),
            lambda: profiler.set_state("run", "x"), lambda: profiler.dump(True, "x"), lambda: profiler.resume("x")]


def dump_before_a_run(mx):
    return [lambda: mx.profiler.dump(), lambda: mx.profiler.dumps()]


def older_names(mx):
    mx.profiler.profiler_set_config("all", "older.json")
    mx.profiler.profiler_set_state("run")
    mx.nd.ones((2,)).wait_to_read()
    mx.profiler.profiler_set_state("stop")
    mx.profiler.dump_profile()
    return [_trace("older.json", ())]


def operators_of_ones_own(mx):
    class Add(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] + 1)

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 2)

    @mx.operator.register("profiled_add")
    class AddProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Add()

    x = mx.nd.ones((3,))
    x.attach_grad()
    mx.nd.waitall()
    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename="custom.json")
    mx.profiler.set_state("run")
    with mx.autograd.record():
        y = mx.nd.Custom(x, op_type="profiled_add")
    y.backward()
    z = y + 1
    z.wait_to_read()
    mx.nd.waitall()
    mx.profiler.set_state("stop")
    found = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"]
    mx.profiler.dump()
    wanted = [f"{prefix}profiled_add::{name}" for prefix in ("", "_backward_")
              for name in ("pure_python", "_plus_scalar", "_mul_scalar")]
    return [[name, found["Custom Operator"].get(name, {}).get("Count")] for name in wanted] + [
        found["operator"].get("_plus_scalar", {}).get("Count"), sorted(n for n in found["operator"] if "add" in n), y,
        x.grad]
