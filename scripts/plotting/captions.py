"""What stands below the pictures of a report."""

SETTING = "Data, loads and cells of the mesh. Loads are drawn as the cells that they act in, seen through the ground."
RESIDUALS = ("Bars: residuals in units of σ, whitened where errors are correlated. Line: what Gaussian noise of that σ would give. A wider histogram means a σ that is too small, or signal "
             "that is left; values far out are outliers.")
COURSE = ("Every point is an iterate; 0 is the start. J and χ²/N fall and then level off. A run whose χ²/N still falls at its end has not finished.")
WEIGHT_CHANGES = " J jumps where the weight of the prior changes."
WEIGHT = ("Every point is a minimisation with another weight of the prior, numbered in their order. A larger weight keeps the model closer to what is "
          "expected and fits the data less.")
PALE = "Pale: the data say little there (sensitivity below a hundredth of the largest), and the model is what the prior expects."
SECTIONS = "Lines in the slices are the two sections."
LOADS = "Dashed, or a star: where loads act."
FIT = ("Observed and predicted values have one scale, residuals (predicted − observed) another. Residuals should look like noise: a pattern means that "
       "the model lacks something.")
PREDICTED = "Predicted values."
VARIOGRAM = "Semivariogram of the residuals: half of the mean squared difference of two of them, over the distance of their points."
