"""Settings: the order of the sources, each source's form, and the sentence for each wrong value."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from mxl.kvstore.config import SettingError, Settings, from_env, load, missing, unknown_variables
from mxl.kvstore.settings import variable
from mxl.kvstore.settings_page import page

OTHER_THAN_DEFAULT = {
    "role": "worker", "rank": 1, "scheduler": "ipc:///run/j/scheduler,tcp://10.0.0.7:9101", "num_workers": 4,
    "num_servers": 2, "job_folder": "/run/j", "keys_file": "/run/j/keys", "imports": ("my_module", "other.one"),
    "bind": ("ipc", "tcp"), "node_host": "10.0.0.8", "interface": "eth1", "port": 9101, "message_bytes": 1 << 16,
    "push_window_bytes": 1 << 20, "answer_window_bytes": 1 << 21, "bigarray_bound_bytes": 400, "shard_bytes": 4096,
    "versions_max": 5, "heartbeat_s": 0.25, "suspect_after_s": 1.5, "lost_after_s": 3.0, "probe_after_s": 0.5,
    "request_deadline_s": 6.0, "warn_after_s": 0.125, "stall_limit_s": 7.5, "start_limit_s": 9.0, "replicas": 1,
    "elastic": True,
    "update_on_kvstore": False, "log_level": "debug",
}


def read(environ: dict[str, str] | None = None, **arguments: object) -> Settings:
    return load({} if environ is None else environ, **arguments)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_set_gives_the_defaults() -> None:
    assert read() == Settings()
    assert Settings().to_env() == {}


def test_every_field_makes_the_round_trip_through_the_environment() -> None:
    assert set(OTHER_THAN_DEFAULT) == {f.name for f in fields(Settings)}
    settings = Settings(**OTHER_THAN_DEFAULT)
    assert from_env(settings.to_env()) == settings
    assert len(settings.to_env()) == len(fields(Settings))


@pytest.mark.parametrize("name", OTHER_THAN_DEFAULT)
def test_each_variable_sets_its_field_alone(name: str) -> None:
    full = Settings(**OTHER_THAN_DEFAULT).to_env()
    f = next(f for f in fields(Settings) if f.name == name)
    environ = {variable(f): full[variable(f)]}
    if name in ("request_deadline_s", "lost_after_s"):  # kept apart by their rule
        environ["MXL_SUSPECT_AFTER_S"] = "1.5"
        environ["MXL_LOST_AFTER_S"] = "3"
    settings = read(environ)
    assert getattr(settings, name) == OTHER_THAN_DEFAULT[name]
    changed = {g.name for g in fields(Settings) if getattr(settings, g.name) != g.default}
    assert changed - {"suspect_after_s", "lost_after_s"} <= {name}


def test_each_place_goes_before_the_next() -> None:
    Path("mxl.toml").write_text("num_workers = 2")
    environ: dict[str, str] = {}
    assert read().num_workers == 2
    environ["DMLC_NUM_WORKER"] = "3"
    assert read(environ).num_workers == 3
    environ["MXL_NUM_WORKERS"] = "4"
    assert read(environ).num_workers == 4
    assert read(environ, num_workers=5).num_workers == 5
    assert read(environ, num_workers=None).num_workers == 4


def test_the_process_environment_is_read_when_load_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MXL_NUM_SERVERS", "7")
    assert load().num_servers == 7
    monkeypatch.setenv("MXL_NUM_SERVERS", "")
    assert load().num_servers == 0


@pytest.mark.parametrize("environ, name, value", [
    ({"DMLC_ROLE": "server"}, "role", "server"),
    ({"DMLC_PS_ROOT_URI": "10.0.0.7", "DMLC_PS_ROOT_PORT": "9091"}, "scheduler", "tcp://10.0.0.7:9091"),
    ({"DMLC_NUM_SERVER": "3"}, "num_servers", 3),
    ({"DMLC_ROLE": "worker", "DMLC_WORKER_ID": "2", "DMLC_SERVER_ID": "1"}, "rank", 2),
    ({"DMLC_ROLE": "server", "DMLC_WORKER_ID": "2", "DMLC_SERVER_ID": "1"}, "rank", 1),
    ({"MXL_ROLE": "server", "DMLC_ROLE": "worker", "DMLC_WORKER_ID": "2"}, "rank", -1),
    ({"DMLC_RANK": "3"}, "rank", 3),
    ({"DMLC_NODE_HOST": "10.0.0.8"}, "node_host", "10.0.0.8"),
    ({"DMLC_INTERFACE": "eth0"}, "interface", "eth0"),
    ({"MXNET_KVSTORE_BIGARRAY_BOUND": "250"}, "bigarray_bound_bytes", 1000),
    ({"MXNET_KVSTORE_BIGARRAY_BOUND": "250", "MXL_BIGARRAY_BOUND_BYTES": "77"}, "bigarray_bound_bytes", 77),
    ({"MXNET_UPDATE_ON_KVSTORE": "0"}, "update_on_kvstore", False),
    ({"MXL_UPDATE_ON_KVSTORE": "none", "MXNET_UPDATE_ON_KVSTORE": "0"}, "update_on_kvstore", None),
    ({"MXL_STALL_LIMIT_S": "inf"}, "stall_limit_s", None),
    ({"MXL_ELASTIC": "yes"}, "elastic", True),
    ({"MXL_BIND": " ipc , tcp "}, "bind", ("ipc", "tcp")),
    ({"MXL_IMPORT": "a,b.c"}, "imports", ("a", "b.c")),
])
def test_what_a_variable_means(environ: dict[str, str], name: str, value: object) -> None:
    assert getattr(read(environ), name) == value


def test_the_file_has_the_names_of_the_fields(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.toml"
    other.write_text('heartbeat_s = 2\nbind = ["ipc", "tcp"]\nelastic = true\nlog_level = "info"\n')
    settings = read({"MXL_CONFIG": str(other)})
    assert settings == Settings(heartbeat_s=2.0, bind=("ipc", "tcp"), elastic=True, log_level="info")


@pytest.mark.parametrize("environ, sentence", [
    ({"MXL_NUM_WORKERS": "four"}, r"MXL_NUM_WORKERS is 'four'; expected a whole number"),
    ({"DMLC_NUM_WORKER": "-1"}, r"DMLC_NUM_WORKER is '-1'; expected a whole number, 0 or more"),
    ({"MXL_HEARTBEAT_S": "fast"}, r"MXL_HEARTBEAT_S is 'fast'; expected seconds, more than 0"),
    ({"MXL_HEARTBEAT_S": "0"}, r"MXL_HEARTBEAT_S is '0.0'; expected seconds, more than 0"),
    ({"MXL_HEARTBEAT_S": "nan"}, r"MXL_HEARTBEAT_S is 'nan'; expected seconds, more than 0"),
    ({"MXL_STALL_LIMIT_S": "soon"}, r"MXL_STALL_LIMIT_S is 'soon'; expected seconds, more than 0, or none"),
    ({"MXL_STALL_LIMIT_S": "-2"}, r"MXL_STALL_LIMIT_S is '-2.0'; expected seconds, more than 0"),
    ({"MXL_REPLICAS": "2"}, r"MXL_REPLICAS is '2'; expected 0, or 1: one copy"),
    ({"MXL_ELASTIC": "maybe"}, r"MXL_ELASTIC is 'maybe'; expected true or false"),
    ({"MXNET_UPDATE_ON_KVSTORE": "2"}, r"MXNET_UPDATE_ON_KVSTORE is '2'; expected true, false or none"),
    ({"MXNET_KVSTORE_BIGARRAY_BOUND": "1e6"},
     r"MXNET_KVSTORE_BIGARRAY_BOUND is '1e6'; expected a whole number of elements, 1 or more"),
    ({"DMLC_ROLE": "boss"}, r"DMLC_ROLE is 'boss'; expected one of worker, server, scheduler"),
    ({"MXL_LOG": "loud"}, r"MXL_LOG is 'loud'; expected one of debug, info, warning, error"),
    ({"MXL_BIND": "udp"}, r"MXL_BIND is 'udp'; expected ipc, tcp, or both separated by a comma"),
    ({"MXL_PORT": "70000"}, r"MXL_PORT is '70000'; expected a port number, at most 65535"),
    ({"MXL_SCHEDULER": "10.0.0.7:9101"}, r"MXL_SCHEDULER is '10.0.0.7:9101'; expected endpoints like ipc:///run"),
    ({"MXL_SCHEDULER": "ipc:///" + "x" * 107},
     r"expected a socket path of at most 107 bytes \(this one has 108\): use a shorter folder"),
    ({"DMLC_PS_ROOT_URI": "h"},
     r"DMLC_PS_ROOT_URI is set but DMLC_PS_ROOT_PORT is not; the scheduler's address needs both"),
    ({"DMLC_PS_ROOT_PORT": "1"},
     r"DMLC_PS_ROOT_PORT is set but DMLC_PS_ROOT_URI is not; the scheduler's address needs both"),
    ({"DMLC_PS_ROOT_URI": "h", "DMLC_PS_ROOT_PORT": "x"},
     r"DMLC_PS_ROOT_URI:DMLC_PS_ROOT_PORT is 'tcp://h:x'; expected endpoints like"),
    ({"MXL_REQUEST_DEADLINE_S": "60"},
     r"MXL_REQUEST_DEADLINE_S is '60.0'; expected more than lost_after_s \(60.0\)"),
    ({"MXL_LOST_AFTER_S": "200", "MXL_REQUEST_DEADLINE_S": "100"},
     r"MXL_REQUEST_DEADLINE_S is '100.0'; expected more than MXL_LOST_AFTER_S \(200.0\)"),
    ({"MXL_HEARTBEAT_S": "10"}, r"suspect_after_s is '10.0'; expected more than MXL_HEARTBEAT_S \(10.0\)"),
    ({"MXL_ROLE": "worker", "MXL_RANK": "4", "MXL_NUM_WORKERS": "4"},
     r"MXL_RANK is '4'; expected less than MXL_NUM_WORKERS \(4\)"),
])
def test_a_wrong_value_is_named_with_what_was_expected(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        read(environ)


def test_a_wrong_argument_is_named() -> None:
    with pytest.raises(SettingError, match=r"argument num_workers is '-3'; expected a whole number, 0 or more"):
        read(num_workers=-3)
    with pytest.raises(SettingError, match=r"there is no setting 'num_worker'; did you mean num_workers\?"):
        read(num_worker=3)
    with pytest.raises(SettingError, match=r"versions_max is '3'; expected a whole number, 4 or more"):
        Settings(versions_max=3)


@pytest.mark.parametrize("text, sentence", [
    ("hearbeat_s = 1",
     r"the settings file mxl.toml has 'hearbeat_s', which cannot be set there; did you mean heartbeat_s\?"),
    ("imports = ['os']", r"the settings file mxl.toml has 'imports', which cannot be set there$"),
    ("num_workers = 'x'", r"num_workers in mxl.toml is 'x'; expected a whole number"),
    ("num_workers = true", r"num_workers in mxl.toml is 'true'; expected a whole number"),
    ("heartbeat_s = true", r"heartbeat_s in mxl.toml is 'true'; expected seconds, more than 0"),
    ("interface = 3", r"interface in mxl.toml is '3'; expected a text"),
    ("bind = [1]", r"bind in mxl.toml is \[1\]; expected texts, separated by commas"),
    ("elastic = [true]", r"elastic in mxl.toml is \[True\]; expected true or false"),
    ("num_workers =", r"the settings file mxl.toml cannot be read: Invalid value .*; mend it, or change MXL_CONFIG"),
])
def test_a_wrong_line_of_the_file_is_named(text: str, sentence: str) -> None:
    Path("mxl.toml").write_text(text)
    with pytest.raises(SettingError, match=sentence):
        read()


def test_a_named_file_must_exist() -> None:
    with pytest.raises(SettingError, match=r"the settings file no.toml cannot be read: No such file or directory"):
        read({"MXL_CONFIG": "no.toml"})


@pytest.mark.parametrize("given, lacking", [
    ({}, "MXL_SCHEDULER"),
    ({"scheduler": "ipc:///a"}, "MXL_NUM_WORKERS"),
    ({"scheduler": "ipc:///a", "num_workers": 1}, "MXL_NUM_SERVERS"),
])
def test_what_a_distributed_store_lacks_is_one_sentence(given: dict[str, object], lacking: str) -> None:
    assert missing(Settings(**given), "dist_async") == (
        f"kvstore 'dist_async' needs {lacking}; start this script with mxl-launch, or use kvstore='local'")


def test_nothing_is_missing_in_a_job() -> None:
    assert missing(Settings(scheduler="ipc:///a", num_workers=1, num_servers=1)) == ""


def test_a_variable_written_wrongly_is_told() -> None:
    environ = {"MXL_HEARTBEATS": "1", "MXL_CONFIG": "x", "MXL_LOG": "info", "PATH": "y", "MXL_ZZZ": ""}
    assert unknown_variables(environ) == [
        "there is no setting MXL_HEARTBEATS; did you mean MXL_HEARTBEAT_S?", "there is no setting MXL_ZZZ"]


def test_derived_names() -> None:
    settings = Settings(scheduler="ipc:///run/j/scheduler, tcp://10.0.0.7:9101")
    assert settings.endpoints == ("ipc:///run/j/scheduler", "tcp://10.0.0.7:9101")
    assert Settings().endpoints == ()


def test_the_page_is_made_from_the_fields() -> None:
    there = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
    assert there.read_text() == page(), "run: python -m mxl.kvstore.settings_page > docs/settings.md"
    assert all(f.metadata["help"] in page() for f in fields(Settings))


def test_no_other_module_reads_the_environment() -> None:
    """One precedence only holds if there is one reader.  (The launcher only passes it on.)

    The allocator looks at glibc's own variables, and core/home.py at MXNet's folder of data: no settings of mxl's.
    """
    root = Path(__file__).resolve().parents[2]
    readers = [str(path.relative_to(root))
               for folder in ("core", "kvstore", "server", "scheduler", "worker", "gluon", "viz")
               for path in (root / folder).rglob("*.py") if re.search(r"os\.environ|getenv", path.read_text())]
    assert sorted(readers) == ["core/allocator.py", "core/home.py", "kvstore/config.py"]
