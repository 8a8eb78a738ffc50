"""What the numbers of a run mean, in sentences."""
import math

from plotting.numbers import number

STOPS = {
    "gradient_tolerance": "The gradient has become as small as Gradient tolerance asks: the model is a minimum of J, the best compromise between "
                          "data and prior at this weight of the prior. Whether it explains the data is another question, which χ²/N answers.",
    "function_tolerance": "J hardly fell any more, so the run ended as Function tolerance asks. The gradient may still be far from zero: see its curve.",
    "target_reached": "χ²/N fell to Target misfit, and the run stopped there. With early stopping the model depends on where the search started.",
    "maximum_iterations": "The iterations were used up before a minimum was found, so the model is unfinished. Raise Maximum iterations "
                          "and set Resume = yes to go on.",
    "interrupted": "The run was stopped from outside before a minimum was found, so the model is unfinished. Set Resume = yes to go on.",
    "trial_steps_failed": "The forward problem could not be solved at any of the models that were tried next. The model is the last good one.",
    "suspect_derivative": "J does not change along the step as the gradient says. Usually a load or the data have the wrong sign; do not use "
                          "the model before this is understood.",
    "no_further_decrease": "No step reduced J any further, though the gradient is not small. The model is usable only if χ²/N and the residuals are.",
}
ROUNDING = {True: "J cannot be reduced any further in double precision: the model is a minimum as accurately as it can be computed.",
            False: "What is left to gain is below the accuracy of the forward solves (Solver/Tolerance): the model is a minimum as accurately as they allow."}
UNFITTED, LARGE_ERROR = 10, 0.5  # χ²/N, and discretization error in σ, above which the log warns


def about_stop(stop):
    """(what it means, whether the run found what it looked for)"""
    kind, converged = stop.get("kind"), bool(stop.get("converged"))
    return ROUNDING[converged] if kind == "rounding_level" else STOPS.get(kind, ""), converged


def about_chi2(chi2, n, independent, robust=None):
    """(what it means, whether the fit is as the noise allows). `independent`: as how many independent data the n data count. `robust`: the
    same as χ²/N, but that outliers have no part in it, where the run gives them less weight."""
    slack = max(0.2, 2 * math.sqrt(2 / max(independent, 1)))  # two standard deviations of χ²/N of independent Gaussian errors
    value = f"χ²/N = {number(chi2)} of {n:,} data"
    if robust is not None:
        value += f", {number(robust)} by the median of the residuals, in which outliers have no part"
        chi2 = robust
    if chi2 > UNFITTED:
        return f"{value}: the data are not fitted. Units, signs, σ or loads are wrong, or the model lacks something. Do not interpret the stiffness.", False
    if chi2 > 1 + slack:
        return (f"{value}: residuals are larger than the noise. Either σ is too small, or the prior is too strong, or the model lacks something; "
                "a pattern in the residuals speaks for the last two.", False)
    if chi2 < 1 - slack:
        return f"{value}: residuals are smaller than the noise. Either σ is too large, or the prior is so weak that noise is fitted.", False
    return f"{value}: residuals are as large as the noise, as they should be.", True


def about_discretization(largest):
    """`largest`: rms of the data set that is worst (σ)"""
    size = f"The cells make predictions wrong by {number(largest, 2)} σ (rms of the worst data set)"
    if largest > LARGE_ERROR:
        return f"{size}: too much, since an inversion fits it with false stiffness. Use smaller cells, Adapt = yes or quadratic elements.", False
    return f"{size}, which is small against the noise.", True
