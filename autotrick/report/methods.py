"""How the numbers of a report are computed, in words."""

from autotrick.report.theme import titled
from autotrick.tasks import Metric


def method(metric: Metric) -> tuple[tuple[str, str], ...]:
    """Return topics and explanations, as plain text.

    Args:
        metric: That the study looks for.
    """
    found = (
        (topic, text.format(metric=metric.title, bound=metric.bound, diverged=metric.diverged))
        for topic, text in _METHOD
    )
    return ((titled(metric.title), _MEASURED), *found)


_MEASURED = (
    "Measured on the validation images after a trial's last epoch. The winner was chosen by it, so "
    "it overstates the winner: expect less on a test set that nobody has looked at."
)
_METHOD: tuple[tuple[str, str], ...] = (
    (
        "Effects",
        "Effects come from the trials of the screen alone where a study has one: there a balanced design "
        "switched the tricks around one base, at one length and with common seeds, so that nothing else "
        "goes along with a trick. The effect of a trick is the {metric} at the last epoch with it less "
        "that without it, by least squares, on average over the other tricks and its own settings; a setting "
        "that matters has a column of its own, which takes its spread out of the intervals. In a slot of which one "
        "trick is always on, it is the difference from the mean of the others.",
    ),
    (
        "Effects without a screen",
        "A search proposes trials by what it has learned and prunes poor ones early, so plain "
        "differences of means mislead. The effect is the trick's coefficient in a linear regression of "
        "the {metric} on all tricks, the network, the logarithm of the resolved learning rate and the "
        "other settings, as far as the trials suffice. Where too few trials came to the last epoch, they are "
        "compared at the last one that at least half of them (and at least eight) reached, and there is "
        "no verdict: a trick that starts slowly looks bad there.",
    ),
    (
        "Verdicts",
        "A trick helps or harms when its interval leaves out 0, however little. It does not matter when the "
        "interval holds 0 and lies within the precision that the study asks for (`precision` in its space). "
        "Otherwise the study cannot tell yet. The number of further trials is what would narrow the interval enough at the "
        "noise seen, if the effect is as estimated.",
    ),
    (
        "Intervals",
        "95 %. In a screen they are the classical ones of least squares, as a balanced design averages out "
        "noise of unequal spread; choosing which pairs of tricks join the regression costs degrees of "
        "freedom. Without a screen they are the wider of the classical ones and those with HC2 standard errors "
        "(MacKinnon and White, 1985) and the degrees of freedom of Bell and McCaffrey (2002). With too few "
        "trials there is no interval, and then no number. Each interval covers one trick alone: of twenty "
        "tricks without any effect, one is expected to look as if it had one.",
    ),
    (
        "Pruned trials",
        "Trials of a screen are never pruned. In a search, whether a trial was pruned depended on its last "
        "reported {metric}. The {metric} that it would have reached is drawn twenty times from a forecast "
        "by that value and its settings (multiple imputation; Rubin, 1987), and the intervals include the "
        "uncertainty of the forecast.",
    ),
    (
        "Diverged trials",
        "Trials whose loss was not a number, or that ended with {diverged}, are left out and counted, as "
        "one of them moves an effect by more than any trick does. The table says how often that happens "
        "with and without a trick, and what its effect is with these trials.",
    ),
    (
        "Tricks beside one another",
        "Pairs of tricks are tested in the same regression. A pair is claimed only if it is clear with all "
        "pairs that were tested allowed for (1 % family-wise); half of that is kept for pairs of which one "
        "trick has an effect of its own (heredity; Hamada and Wu, 1992). Claimed pairs stay in the "
        "regression, which makes the other intervals narrower.",
    ),
    (
        "Cost",
        "Seconds per epoch with the trick divided by those without it, by the same regression on the "
        "logarithm of each trial's median time per epoch.",
    ),
    (
        "Combinations",
        "With a screen, its model predicts the {metric} of every valid combination at the screen's base. Whoever "
        "picks the best of thousands picks the luckiest estimates too, so the effects are shrunk for that "
        "(Lindley and Smith, 1972), and the ranking goes by the worse end of the 95 % interval. Without a "
        "screen, trials with exactly these tricks on are averaged, and each mean is shrunk towards the mean of "
        "all (empirical Bayes); the {bound} is the worse end of a one-sided 95 % interval around it.",
    ),
    (
        "The answer",
        "What to use is the combination with the best bound, less the tricks that harm or do not matter. Its gain "
        "is the model's, over all tricks off at the same network, batch and rate. Once new seeds confirmed "
        "a recipe, their paired differences take its place.",
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
