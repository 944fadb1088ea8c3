# %% [markdown]
# # Moving averages
#
# Every day you measure a temperature, and the values jump up and down. Is it getting warmer? The
# figure below shows forty measurements and their moving average, where the answer is easy to see.
# In this lesson you compute such an average yourself.
#
# **By the end of this lesson you will be able to**
#
# 1. compute a moving average by hand;
# 2. write one in NumPy, for any kernel size;
# 3. say how many values it has, and what a larger kernel changes.
#
# **Time:** about 10 minutes. **You need:** Python and basic NumPy (arrays, slices).

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
from lesson_tools.questions.template import predict

rng = np.random.default_rng(0)
temperatures = np.linspace(10, 14, 40) + rng.normal(0, 1.5, 40)
averages = np.convolve(temperatures, np.ones(7) / 7, "valid")

fig, ax = plt.subplots(figsize=(7, 3))
ax.plot(temperatures, "o", color="tab:gray", label="measured")
ax.plot(np.arange(3, 37), averages, color="tab:blue", label="average of 7 values")
ax.set(xlabel="day", ylabel="temperature")
ax.legend()
present(
    fig,
    "Forty gray points, which jump by some degrees from day to day, and a blue curve between them, "
    "which rises from about 10 to about 14 degrees with only small changes of direction.",
)

# %% [markdown]
# ## One value by hand
#
# A **moving average** replaces each value with the mean of the values around it. With
# [kernel size](glossary.md#kernel-size) $f = 3$, the first three of the values 3, 6, 0, 3, 9 give
# $(3 + 6 + 0)/3 = 3$.
#
# **Predict.** Which values follow? Answer with a list, such as `[1, 2]`.

# %%
predict("following", None)

# %% jupyter={"source_hidden": true} cellView="form"
values = np.array([3.0, 6.0, 0.0, 3.0, 9.0])
following = [float(values[h : h + 3].mean()) for h in (1, 2)]
print("the values that follow:", following)

# %% [markdown]
# The second window holds 6, 0 and 3, the third 0, 3 and 9, so the averages are
# `[[3.0, 4.0]]{= following }`. There is no fourth window: it would extend past the last value.

# %% [markdown]
# ## Further: weighted averages
#
# You can skip this section. If the weights differ, the sum of products is a
# [dot product](glossary.md#dot-product) of the window and the weights.

# %%
print(values[:3] @ np.array([0.25, 0.5, 0.25]))

# %% [markdown]
# ## Exercises
#
# **Exercise 1.** How many values does a moving average with $f = 4$ give for ten measurements?

# %%
answer = None
### BEGIN SOLUTION
answer = 7
### END SOLUTION

# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_answer(
    "Exercise 1",
    answer,
    7,
    "At which of the ten values does the last window begin?",
    [(6, "Count the first window too."), (10, "The last window must not extend past the end.")],
)

# %% [markdown]
# **Exercise 2.** Write `moving_average(x, f)` for a 1-D array `x`.


# %%
def moving_average(x, f):
    averages = None
    ### BEGIN SOLUTION
    averages = np.array([x[h : h + f].mean() for h in range(len(x) - f + 1)])
    ### END SOLUTION
    return averages


# %% jupyter={"source_hidden": true} cellView="form"
public_tests.check_function(
    "Exercise 2",
    moving_average,
    lambda x, f: np.convolve(x, np.ones(f) / f, "valid"),
    [(values, 3), (temperatures, 7), (values, 1), (values, 5)],
)

# %% [markdown]
# **Exercise 3.** What happens if $f$ is as large as the number of measurements? Decide first, then
# try it.
#
# <details>
# <summary>Discussion</summary>
#
# One window remains, and the only value is the mean of all measurements,
# [4.2]{= np.convolve(values, np.ones(5) / 5, "valid")[0].round(12) } for the five values above. A
# larger kernel removes more of the noise, and more of the signal.
#
# </details>

# %% [markdown]
# ## Recap
#
# You can now
#
# 1. compute a moving average by hand: the mean of $f$ values, then of the next $f$;
# 2. write one in NumPy for any kernel size, with one slice for each window;
# 3. say that $n$ values have $n - f + 1$ averages, and that a larger kernel smooths more.
#
# Terms: [kernel size](glossary.md#kernel-size), [window](glossary.md#window),
# [dot product](glossary.md#dot-product).
#
# ## What to read next
#
# - S. W. Smith, *The Scientist and Engineer's Guide to Digital Signal Processing* (1997),
#   chapter 15, [Moving average filters](https://www.dspguide.com/ch15.htm).
