"""How the numbers of a report are computed, in words."""

from autotrick.report.theme import titled
from autotrick.tasks import Metric


def method(metric: Metric) -> tuple[tuple[str, str], ...]:
    """Return topics and explanations, as plain text.

    Args:
        metric: That the study looks for.
    """
    found = (
        (topic, text.format(metric=metric.title, bound=metric.bound)) for topic, text in _METHOD
    )
    return ((titled(metric.title), _MEASURED), *found)


_MEASURED = (
    "Measured on the validation images after a trial's last epoch. The winner was chosen by it, so "
    "it overstates the winner: expect less on a test set that nobody has looked at."
)
_METHOD: tuple[tuple[str, str], ...] = (
    (
        "Effects",
        "A search proposes trials by what it has learned and prunes poor ones early, so plain "
        "differences of means mislead. All trials are compared at one common epoch, the last that "
        "at least half of them (and at least eight) reached. The effect is the trick's coefficient "
        "in a linear regression of the {metric} on all tricks, the architecture, the logarithms of "
        "batch size and base learning rate and, with enough trials, the square of the latter and "
        "the logarithm of the number of weights.",
    ),
    (
        "Intervals",
        "95 %, with HC2 standard errors (MacKinnon and White, 1985) and the degrees of freedom of "
        "Bell and McCaffrey (2002), which hold for few trials and unequal spread. With too few "
        "trials there is no interval. Each interval covers one trick alone: of twenty tricks without "
        "any effect, one is expected to look as if it had one.",
    ),
    (
        "Pruned trials",
        "Whether a trial was pruned depended on its last reported {metric}. The {metric} that it would "
        "have reached at the common epoch is drawn twenty times from a forecast by that value and "
        "its settings (multiple imputation; Rubin, 1987), and the intervals include the uncertainty of "
        "the forecast. Without pruned trials every effect would look smaller than it is.",
    ),
    (
        "What the effects leave out",
        "Effects are averages over the other tricks and settings that the trials happened to have. "
        "Interactions, such as two tricks that only help together, are not modelled.",
    ),
    (
        "Cost",
        "Seconds per epoch with the trick divided by those without it, by the same regression on the "
        "logarithm of each trial's median time per epoch.",
    ),
    (
        "Combinations",
        "Trials with exactly these tricks on. Each mean is shrunk towards the mean of all, more so the "
        "fewer trials it has (empirical Bayes); the {bound} is the worse end of a one-sided 95 % "
        "interval around it. Only complete trials count.",
    ),
    (
        "Early epochs",
        "Spearman's rank correlation of the {metric} at two epochs, over the trials that reached "
        "both, with the interval of Bonett and Wright (2000). A rung misleads about a trick whose "
        "effect there is clear (its interval excludes 0) and has the opposite sign at the last epoch.",
    ),
    (
        "Importance",
        "The value of the complete trials is explained by all decisions of the space at once, each by "
        "itself, with a prior that most do nothing (grouped horseshoe; Carvalho, Polson and Scott, "
        "2010; Makalic and Schmidt, 2016). A share is the variance, over all recipes of the space, of "
        "what a setting adds, out of all that settings add (functional ANOVA, main effects). "
        "Intervals are those of the posterior; they begin at 0 where not even a sign is told.",
    ),
)
