"""A17: a teacher's predictions make a student better, which stays as small as it was."""

from autotrick.recipe import Recipe
from benchmarks.claims.claim import FASHION, TENTH, Arm, Claim, Courses, Finding, paired

_STUDENT = Recipe(
    data=FASHION,
    architecture="lenet5",
    architecture_settings={"width": 0.5},
    epochs=10,
    batch_size=64,
    base_lr=0.05,
    scaling_exponent=0,
    tricks=TENTH | {"cosine_decay": {}},
)
_TEACHER = _STUDENT.model_copy(
    update={
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.25},
        "epochs": 5,
    }
)
_TAUGHT = _STUDENT.model_copy(update={"tricks": _STUDENT.tricks | {"distillation": {}}})


def judge(courses: Courses) -> list[Finding]:
    """Return what the teacher brings, and how far it is ahead itself."""
    return [
        Finding("student, taught - alone", paired(courses, "taught", "alone"), "above"),
        Finding("teacher - student alone", paired(courses, "teacher", "alone")),
        Finding("teacher - student taught", paired(courses, "teacher", "taught")),
    ]


def remark(courses: Courses) -> str:
    """Return the sizes of the networks."""
    sizes = {name: courses[name][0].parameters for name in ("teacher", "alone", "taught")}
    return (
        f"The student has {sizes['taught']:,} weights when taught and {sizes['alone']:,} alone; the "
        f"teacher has {sizes['teacher']:,}. Each seed has a teacher of its own, trained on the same "
        "images."
    )


DISTILLATION = Claim(
    name="A17",
    title="Distillation from a larger network",
    says="A student that learns from a larger network's predictions beside the labels is more "
    "accurate than alone, and no larger.",
    source='He et al., "Bag of Tricks", CVPR 2019 (ResNet-152 teaches ResNet-50), '
    "https://arxiv.org/abs/1812.01187; Hinton, Vinyals, Dean, 2015, https://arxiv.org/abs/1503.02531",
    setting="LeNet-5 of half the width is taught by the fast net of a quarter of its width, both on "
    "the same 5,700 images of Fashion-MNIST, the student for 10 epochs, the teacher for 5; "
    "temperature 4, half the loss each.",
    arms=(Arm("teacher", _TEACHER), Arm("alone", _STUDENT), Arm("taught", _TAUGHT, "teacher")),
    judge=judge,
    remark=remark,
)
