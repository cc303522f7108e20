"""The manifest for Kubernetes: every field is one that KubeRay has, and what it runs is there.

The fields and types below were compared with KubeRay 1.7.0's definition of a RayJob, which has
25,000 lines; here is only what the manifest uses. A new field belongs here once it was looked up there.
"""

import copy
import shlex
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from autotrick.cli.search import search
from autotrick.space import load

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "docs" / "kuberay.yaml"

TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer"}


def table(*needed: str, **fields: Any) -> dict[str, Any]:
    """Return the schema of an object with these fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(needed),
        "additionalProperties": False,
    }


def rows(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


AMOUNTS = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}
VARIABLE = table(
    "name",
    name=TEXT,
    value=TEXT,
    valueFrom=table(secretKeyRef=table("key", name=TEXT, key=TEXT)),
)
CONTAINER = table(
    "name",
    name=TEXT,
    image=TEXT,
    env=rows(VARIABLE),
    ports=rows(table("containerPort", containerPort=COUNT, name=TEXT)),
    resources=table(limits=AMOUNTS, requests=AMOUNTS),
    volumeMounts=rows(table("mountPath", "name", mountPath=TEXT, name=TEXT)),
)
VOLUME = table(
    "name",
    name=TEXT,
    persistentVolumeClaim=table("claimName", claimName=TEXT),
    configMap=table(name=TEXT),
)
POD = table("spec", spec=table("containers", containers=rows(CONTAINER), volumes=rows(VOLUME)))
PARAMETERS = {"type": "object", "additionalProperties": TEXT}
CLUSTER = table(
    "headGroupSpec",
    rayVersion=TEXT,
    authOptions=table(mode={"enum": ["disabled", "token"]}),
    headGroupSpec=table("template", rayStartParams=PARAMETERS, template=POD),
    workerGroupSpecs=rows(
        table(
            "groupName",
            "maxReplicas",
            "minReplicas",
            "template",
            groupName=TEXT,
            replicas=COUNT,
            minReplicas=COUNT,
            maxReplicas=COUNT,
            rayStartParams=PARAMETERS,
            template=POD,
        )
    ),
)
RAY_JOB = table(
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    apiVersion={"const": "ray.io/v1"},
    kind={"const": "RayJob"},
    metadata=table("name", name=TEXT),
    spec=table(
        entrypoint=TEXT,
        shutdownAfterJobFinishes={"type": "boolean"},
        ttlSecondsAfterFinished=COUNT,
        backoffLimit=COUNT,
        rayClusterSpec=CLUSTER,
    ),
)


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    """The manifest's objects by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(MANIFEST.read_text())}


def groups(parts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    spec = parts["RayJob"]["spec"]["rayClusterSpec"]
    return spec["headGroupSpec"], spec["workerGroupSpecs"][0]


def test_every_field_is_one_of_kuberays(parts: dict[str, Any]) -> None:
    assert parts.keys() == {"Secret", "PersistentVolumeClaim", "ConfigMap", "RayJob"}
    jsonschema.validate(parts["RayJob"], RAY_JOB)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "entryPoint"), "x"),
        (("spec", "backoffLimit"), "3"),
        (("spec", "rayClusterSpec", "authOptions", "mode"), "on"),
        (("spec", "rayClusterSpec", "headGroupSpec", "rayStartParams", "num-cpus"), 0),
        (("spec", "rayClusterSpec", "workerGroupSpecs", 0, "minReplica"), 1),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_wrong_field_or_type_is_refused(
    parts: dict[str, Any], path: tuple[Any, ...], value: Any
) -> None:
    changed = copy.deepcopy(parts["RayJob"])
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, RAY_JOB)


def test_only_the_head_knows_the_database(parts: dict[str, Any]) -> None:
    head, workers = groups(parts)

    (variable,) = head["template"]["spec"]["containers"][0]["env"]

    assert variable["name"] == "AUTOTRICK_DATABASE"
    source = variable["valueFrom"]["secretKeyRef"]
    assert source["name"] == parts["Secret"]["metadata"]["name"]
    assert source["key"] in parts["Secret"]["stringData"]
    assert head["rayStartParams"]["num-cpus"] == "0"
    assert "AUTOTRICK_DATABASE" not in str(workers)
    assert "postgresql://" not in str(parts["RayJob"])


def test_volumes_are_those_that_are_made(parts: dict[str, Any]) -> None:
    for group in groups(parts):
        spec = group["template"]["spec"]
        names = {volume["name"]: volume for volume in spec["volumes"]}
        mounted = {mount["name"] for mount in spec["containers"][0]["volumeMounts"]}
        assert mounted == names.keys()
        claim = names["files"]["persistentVolumeClaim"]["claimName"]
        assert claim == parts["PersistentVolumeClaim"]["metadata"]["name"]
    assert parts["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_the_space_can_be_searched_with_these_words(parts: dict[str, Any], tmp_path: Path) -> None:
    (name, text), *_ = parts["ConfigMap"]["data"].items()
    space = tmp_path / name
    space.write_text(text)
    words = shlex.split(parts["RayJob"]["spec"]["entrypoint"])

    assert load(space).question
    assert words[:4] == ["python", "-m", "autotrick", "search"]
    assert words[4] == f"/spaces/{name}"
    known = {option for entry in search.params for option in entry.opts}
    assert {word for word in words[5:] if word.startswith("--")} <= known
    mounts = groups(parts)[0]["template"]["spec"]["containers"][0]["volumeMounts"]
    roots = tuple(mount["mountPath"] for mount in mounts)
    assert all(word.startswith(roots) for word in words[4:] if word.startswith("/"))


def test_ray_is_the_one_that_is_tested(parts: dict[str, Any]) -> None:
    version = parts["RayJob"]["spec"]["rayClusterSpec"]["rayVersion"]

    assert f"ray=={version}" in (ROOT / "constraints.txt").read_text().splitlines()
    assert f"rayproject/ray:{version}-" in (ROOT / "docs" / "cluster.md").read_text()


def test_options_of_submit_are_those_that_the_page_names() -> None:
    from autotrick.cli.submit import submit

    options = {o for entry in submit.params if isinstance(entry, click.Option) for o in entry.opts}

    assert {"--address", "--storage", "--data-dir", "--database"} <= options
