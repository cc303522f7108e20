"""How the numbers of a report were made, in words."""

from autotrick.report.theme import titled
from autotrick.tasks import Metric


def method(metric: Metric) -> tuple[tuple[str, str], ...]:
    """Return topics and their explanations, plain text.

    Args:
        metric: That the study looks for.
    """
    found = ((topic, text.format(metric=metric.title)) for topic, text in _METHOD)
    return ((titled(metric.title), _MEASURED), *found)


_MEASURED = (
    "On the validation images, after a trial's last epoch. Settings were chosen by it, so it "
    "flatters the winner; a test set that nobody looked at would say less."
)
_METHOD: tuple[tuple[str, str], ...] = (
    (
        "Effects",
        "A search proposes trials by what it has seen and stops the poor ones early, so plain "
        "differences of means mislead. All trials are compared at one common epoch, the last that "
        "at least half of them (and at least eight) reached. The effect is the trick's coefficient "
        "in a linear regression of the {metric} on all tricks, the architecture, the logarithms of "
        "batch size and base learning rate, and, when trials are plenty, the square of the latter "
        "and the logarithm of the number of weights.",
    ),
    (
        "Intervals",
        "95 %, with HC2 standard errors (MacKinnon and White, 1985) and the degrees of freedom of "
        "Bell and McCaffrey (2002), which hold for few trials and unequal spread. Where the trials "
        "cannot carry an interval there is none. Each covers one trick alone: of twenty tricks "
        "that do nothing, one is expected to look as if it did.",
    ),
    (
        "Pruned trials",
        "Whether a trial was stopped was decided by its last reported {metric}. What it would have "
        "reached at the common epoch is drawn twenty times from what that {metric} and its "
        "settings foretell (multiple imputation; Rubin, 1987), and the intervals include the doubt "
        "of this forecast. Without it every effect would look smaller than it is.",
    ),
    (
        "What the effects leave out",
        "They are averages over the other tricks and settings that the trials happened to have: "
        "interactions, such as two tricks that only help together, are not modelled.",
    ),
    (
        "Cost",
        "Seconds per epoch with the trick, as a factor of those without, by the same regression on "
        "the logarithm of each trial's median epoch.",
    ),
    (
        "Combinations",
        "Exactly these tricks on. Each mean is drawn towards the mean of all, the more the fewer "
        "trials it has (empirical Bayes); the lower bound is the lower end of a one-sided 95 % "
        "interval around it. Only complete trials count.",
    ),
    (
        "Early epochs",
        "Spearman's rank correlation of the {metric} at two epochs, over the trials that reached "
        "both, with the interval of Bonett and Wright (2000). A rung misleads about a trick whose "
        "effect there is clear (its interval excludes 0) and has the other sign at the last epoch.",
    ),
    (
        "Importance",
        "PED-ANOVA (Watanabe, Bansal and Hutter, 2023): how much each setting's values in the best "
        "tenth of the complete trials differ from those in all of them. Intervals from random "
        "halves of the trials.",
    ),
)
