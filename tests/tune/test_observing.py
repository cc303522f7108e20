"""Where what is observed of trials goes: beside their checkpoints, through kills and to other places."""

import json
import uuid
from pathlib import Path
from typing import Any

import fsspec
import pytest
from click.testing import CliRunner
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autotrick.cli import main
from autotrick.data import load
from autotrick.errors import ResourceError
from autotrick.recipe import DataRef, Recipe
from autotrick.train import Observer, Snapshot, train
from autotrick.tune import Resources
from autotrick.tune.checkpoints.storage import open_checkpoints, sweep
from tests.chaos.processes import kill_tree
from tests.tune.places import ONE, Place, again, longer


def steps(folder: Path, tag: str) -> list[int]:
    found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    found.Reload()
    return [event.step for event in found.Scalars(tag)]


def test_a_study_that_is_not_observed_has_the_record_that_it_had() -> None:
    assert not {"observe", "observe_every"} & Resources().to_json().keys()


def test_what_is_observed_is_recorded_for_whoever_resumes() -> None:
    asked = Resources(observe=("images", "weights"), observe_every=5)

    recorded = json.loads(json.dumps(asked.to_json()))

    assert recorded["observe"] == ["weights", "images"]
    found = Resources.from_json(recorded)
    assert (found.observe, found.observe_every) == (("weights", "images"), 5)
    assert Resources.of_study("s", recorded, {"observe": ()}).observe == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"observe": ("weight",)}, "Did you mean 'weights'"),
        ({"observe": ("none", "images")}, "no other name"),
        ({"observe": ("images",), "observe_every": 0}, "at least 1"),
    ],
)
def test_unknown_names_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ResourceError, match=said):
        Resources(**given)


@pytest.mark.parametrize("command", ["search", "resume", "run", "screen", "reproduce"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--observe", "gradient"], "Did you mean 'gradients'? Kinds: activations, gradients"),
        (["--observe", ""], "unknown kind ''"),
        (["--observe-every", "0"], "0 is not in the range x>=1"),
    ],
)
def test_every_command_that_trains_refuses_them_in_one_line(
    command: str, words: list[str], said: str
) -> None:
    arguments = {"run": ["x:1", "--study", "y"], "reproduce": ["x", "1"]}.get(command, ["x"])

    done = CliRunner().invoke(main, [command, *arguments, *words])

    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output


def test_assignments_say_what_to_observe(desk: Any) -> None:
    driver = desk.driver(observe=(("weights",), 7))

    config = driver.next("a")

    assignment = json.loads(config["assignment"])
    assert (assignment["observe"], assignment["observe_every"]) == (["weights"], 7)


def test_other_places_get_every_epoch_once(tmp_path: Path, cache: Path) -> None:
    place = f"memory://{uuid.uuid4().hex}/trial-0"
    ref = DataRef(name="digits", image_size=16, validation=0.2)
    data = load(ref, cache_dir=cache)
    recipe = Recipe(
        data=ref.model_copy(update={"fingerprint": data.fingerprint}),
        architecture="lenet5",
        batch_size=512,
        base_lr=0.1,
        epochs=4,
    )

    def attempt(epochs: int) -> None:
        with open_checkpoints(place) as kept:
            observer = Observer(kept.folder, ["weights"], every=1)

            def on_epoch(snapshot: Snapshot) -> bool:
                observer.close()
                kept.keep_events()
                kept.keep(snapshot.save(kept.folder).path)
                return len(snapshot.reports) < epochs

            train(recipe, data, resume_from=kept.folder, on_epoch=on_epoch, observer=observer)

    attempt(2)
    attempt(4)
    sweep(place, stay=())

    system, path = fsspec.core.url_to_fs(place)
    system.get(f"{path}/", f"{tmp_path}/there/", recursive=True)
    whole = tmp_path / "whole"
    train(recipe, data, observer=Observer(whole, ["weights"], every=1))
    assert len(list((tmp_path / "there").glob("events.*"))) == 4
    for tag in ("update/loss", "update/loss_smoothed", "epoch/accuracy"):
        assert steps(tmp_path / "there", tag) == steps(whole, tag)


@pytest.mark.slow
@pytest.mark.ray
def test_a_killed_search_goes_on_being_observed_without_doubled_steps(
    place: Place, cache: Path
) -> None:
    longer(place, 10)
    process = place.start(*ONE, "--observe", "weights,gradients,activations,images")
    place.wait_for_epochs(3, process)
    kill_tree(process.pid)
    process.communicate()
    code, out, err = place.run("resume", "life")

    row = place.rows()[0]
    (folder,) = (place.folder / "files").glob("*/trial-0")
    epochs = steps(folder, "epoch/accuracy")
    assert code == 0, out + err
    assert len(list(folder.glob("events.*"))) == 2
    assert epochs == [epochs[0] * (i + 1) for i in range(10)]
    assert len(set(steps(folder, "update/loss"))) == len(steps(folder, "update/loss"))
    found = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    found.Reload()
    recorded = [report.accuracy for report in place.reports()[0]]
    assert [event.value for event in found.Scalars("epoch/accuracy")] == pytest.approx(recorded)
    assert found.Tags()["images"] == ["images/training"]
    assert [r.weights for r in place.reports()[0]] == again(row, cache)

    code, out, err = place.run(
        "reproduce", "life", "0", "--observe", "weights", "--storage", "mine"
    )

    (repeated,) = (place.folder / "mine").glob("*/reproduced-0")
    assert code == 0 and "bit-identical" in out, out + err
    assert steps(repeated, "epoch/accuracy") == epochs
