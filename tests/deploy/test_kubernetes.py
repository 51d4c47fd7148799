"""The manifests are what Kubernetes takes, field by field, and keep the promises of the documents."""

from pathlib import Path

import pytest
import yaml

from tests.deploy.tools import DEPLOY, ran

KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = ("sqlite", "replicas")


@pytest.fixture(params=OVERLAYS)
def rendered(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    done = ran("kubectl", "kustomize", KUBERNETES / request.param)
    assert done.returncode == 0, done.stderr
    path = tmp_path / f"{request.param}.yaml"
    path.write_text(done.stdout, encoding="utf-8")
    return path


def deployment(path: Path) -> dict[str, dict[str, object]]:
    documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    (found,) = [one for one in documents if one["kind"] == "Deployment"]
    assert isinstance(found, dict)
    return found


def valid(path: Path) -> None:
    done = ran("kubernetes-validate", "--strict", path)
    # An API that it does not know is only a warning to it.
    assert (done.returncode, "WARN" in done.stdout + done.stderr) == (0, False), done.stdout


def test_every_field_is_known_and_of_its_type(rendered: Path) -> None:
    valid(rendered)


def test_the_example_of_a_way_in_is_valid() -> None:
    valid(KUBERNETES / "ingress.example.yaml")


def test_the_pod_may_do_nothing_that_it_need_not(rendered: Path) -> None:
    pod = yaml.safe_load(yaml.safe_dump(deployment(rendered)))["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["envFrom"] == [{"secretRef": {"name": "chatgpt-dingtalk"}}]
    assert {"requests", "limits"} <= container["resources"].keys()
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()


def test_one_file_has_one_process_and_one_database_two() -> None:
    found = {}
    for overlay in OVERLAYS:
        done = ran("kubectl", "kustomize", KUBERNETES / overlay)
        documents = list(yaml.safe_load_all(done.stdout))
        (one,) = [document for document in documents if document["kind"] == "Deployment"]
        found[overlay] = (
            one["spec"]["replicas"],
            one["spec"]["strategy"]["type"],
            {document["kind"] for document in documents} - {"Deployment", "ConfigMap", "Service"},
        )

    assert found == {
        "sqlite": (1, "Recreate", {"PersistentVolumeClaim"}),
        "replicas": (2, "RollingUpdate", {"PodDisruptionBudget"}),
    }
