"""The files in `export/` are consistent with the package and with each other."""

import json
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from tfgan_faces.serving import development_server
from tfgan_faces.serving.conventions import BATCH_SIZES, MODEL_NAME

KIT = Path(__file__).resolve().parents[1] / "export"
COMPOSE = yaml.safe_load((KIT / "docker-compose.yaml").read_text())
KUBERNETES = {
    manifest["kind"]: manifest
    for manifest in yaml.safe_load_all((KIT / "kubernetes.yaml").read_text())
}


def test_the_model_name_and_path_match_the_exports():
    text = (KIT / "models.config").read_text()
    (model,) = text_format.Parse(
        text, model_server_config_pb2.ModelServerConfig()
    ).model_config_list.config
    assert model.name == MODEL_NAME
    assert model.base_path == f"/models/{MODEL_NAME}"
    assert "./models:/models:ro" in COMPOSE["services"]["serving"]["volumes"]


def test_allowed_batch_sizes_match_the_warm_up_requests():
    text = (KIT / "batching.config").read_text()
    allowed = [int(size) for size in re.findall(r"allowed_batch_sizes: (\d+)", text)]
    assert tuple(allowed) == BATCH_SIZES
    # TF Serving rejects a configuration if the last allowed size is not the maximum.
    assert re.search(r"max_batch_size { value: (\d+) }", text)[1] == str(allowed[-1])


@pytest.mark.parametrize("service", COMPOSE["services"].values(), ids=COMPOSE["services"])
def test_services_are_pinned_read_only_and_local(service):
    assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+\.\d+(-\w+)?", service["image"])
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    for volume in service["volumes"]:
        source, _, mode = volume.split(":")
        assert mode == "ro"
        assert (KIT / source).exists() or source == "./models"


def test_flags_refer_to_mounted_files():
    serving = COMPOSE["services"]["serving"]
    mounted = {volume.split(":")[1] for volume in serving["volumes"]}
    named = re.findall(r"=(/config/\S+)", " ".join(serving["command"]))
    assert len(named) == 2
    assert set(named) == mounted - {"/models"}


def test_empty_requests_cannot_block_the_server_and_broken_versions_are_not_retried():
    """With batching, TF Serving never answers a request without rows.

    By default, it retries a broken version five times, which delays valid versions.
    """
    commands = re.findall(r".*tensorflow_model_server --.*", (KIT / "README.md").read_text())
    for command in (" ".join(COMPOSE["services"]["serving"]["command"]), *commands):
        assert "batching" not in command
        assert "--max_num_load_retries=0" in command


def test_both_servers_send_the_same_headers_with_the_page():
    text = (KIT / "explorer.conf").read_text()
    for name, value in development_server.HEADERS.items():
        assert re.search(rf'add_header {name} "?{re.escape(value)}"? always;', text)


def test_the_page_requests_the_served_model_and_batch_size():
    page = Path(development_server.__file__).parent / "explorer"
    assert f'const MODEL = "v1/models/{MODEL_NAME}";' in (page / "server.js").read_text()
    for name in ("server.js", "explorer.js"):
        assert f"const ROWS = {BATCH_SIZES[-1]};" in (page / name).read_text()


def test_the_readme_has_the_path_of_the_metrics():
    path = re.search(r'path: "(.+)"', (KIT / "monitoring.config").read_text())[1]
    assert f"localhost:8501{path}" in (KIT / "README.md").read_text()


def test_tf_serving_uses_onednn_on_every_processor():
    assert COMPOSE["services"]["serving"]["environment"]["TF_ENABLE_ONEDNN_OPTS"] == "1"
    commands = re.findall(r".*tensorflow_model_server --.*", (KIT / "README.md").read_text())
    assert commands
    assert all("TF_ENABLE_ONEDNN_OPTS=1 tensorflow_model_server" in line for line in commands)


@pytest.mark.parametrize("kind", KUBERNETES)
def test_kubernetes_accepts_the_manifests(kind):
    kubernetes_validate.validate(KUBERNETES[kind], "1.33", strict=True)


def test_kubernetes_runs_the_same_server_as_compose():
    pod = KUBERNETES["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    service = COMPOSE["services"]["serving"]
    assert container["image"] == service["image"]
    assert container["args"] == service["command"]
    assert container["env"] == [
        {"name": name, "value": value} for name, value in service["environment"].items()
    ]
    for name, text in KUBERNETES["ConfigMap"]["data"].items():
        lines = (KIT / name).read_text().splitlines()
        assert text.splitlines() == [line for line in lines if not line.startswith("#")]


def test_a_pod_gets_requests_only_while_it_has_a_model_and_is_limited():
    (container,) = KUBERNETES["Deployment"]["spec"]["template"]["spec"]["containers"]
    path = container["readinessProbe"]["httpGet"]["path"]
    assert path == f"/v1/models/{MODEL_NAME}/metadata"
    assert "startupProbe" not in container  # a server may wait for its first version
    assert container["resources"]["limits"].keys() == {"cpu", "memory"}
    target = KUBERNETES["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    deployment = KUBERNETES["Deployment"]
    assert target == {
        "apiVersion": deployment["apiVersion"],
        "kind": "Deployment",
        "name": deployment["metadata"]["name"],
    }


def test_prometheus_and_the_dashboard_read_the_servers_metrics():
    (job,) = yaml.safe_load((KIT / "prometheus.yaml").read_text())["scrape_configs"]
    path = re.search(r'path: "(.+)"', (KIT / "monitoring.config").read_text())[1]
    assert job["metrics_path"] == path
    assert job["static_configs"] == [{"targets": ["serving:8501"]}]
    (source,) = yaml.safe_load((KIT / "grafana" / "datasources.yaml").read_text())["datasources"]
    dashboard = json.loads((KIT / "grafana" / "faces.json").read_text())
    for panel in dashboard["panels"]:
        assert panel["datasource"]["uid"] == source["uid"]
        assert panel["targets"]
    (provider,) = yaml.safe_load((KIT / "grafana" / "dashboards.yaml").read_text())["providers"]
    mounted = [volume.split(":")[1] for volume in COMPOSE["services"]["grafana"]["volumes"]]
    assert f"{provider['options']['path']}/faces.json" in mounted


def test_strangers_reach_predictions_only_with_a_key_and_a_limit():
    text = (KIT / "public.conf").read_text()
    assert f"location = /v1/models/{MODEL_NAME}:predict {{" in text
    (place,) = re.findall(r"location = [^{]+{(.*?)\n  }", text, re.DOTALL)
    for line in ('if ($client_name = "") { return 401; }', "limit_req zone=", "limit_conn "):
        assert line in place
    assert "location / { return 404; }" in text


def test_the_image_for_training_installs_extras_that_exist():
    text = (KIT / "Dockerfile").read_text()
    extras = {name for found in re.findall(r"EXTRAS=([\w,]+)", text) for name in found.split(",")}
    setup = (KIT.parent / "setup.py").read_text()
    assert {"align", "heic", "cuda"} == extras
    assert all(f'"{name}": [' in setup for name in extras)
