from autotrick.errors import unknown


def test_few_names_are_all_listed() -> None:
    said = unknown("trick", "mixpu", {"mixup", "cutmix"})

    assert said == "unknown trick 'mixpu'. Did you mean 'mixup'? Tricks: cutmix, mixup."


def test_of_many_names_the_nearest_are_listed() -> None:
    said = unknown("trick", "mixpu", {"mixup", *(f"trick_{i}" for i in range(200))})

    assert "Did you mean 'mixup'? Tricks: 201, such as mixup" in said and len(said) < 200
