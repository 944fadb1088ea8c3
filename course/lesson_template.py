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
# **Time:** about 10 minutes, and 10 for the exercises. **You need:** Python and basic NumPy.

# %% include="lesson_setup"

# %%
from lesson_tools.template import figures as draw
from lesson_tools.template.questions import check, predict

rng = np.random.default_rng(0)
temperatures = np.linspace(10, 14, 40) + rng.normal(0, 1.5, 40)
draw.moving_averages(temperatures, np.convolve(temperatures, np.ones(7) / 7, "valid"))

# %% [markdown]
# ## One value by hand
#
# A **moving average** replaces each value with the mean of the values around it. With
# [kernel size](glossary.md#kernel-size) $f = 3$, the first three of the values 3, 6, 0, 3, 9 give
# $(3 + 6 + 0)/3 = 3$.
#
# **Predict.** Which values follow? Answer with a list, such as `[1, 2]`. If you are stuck, answer
# with `"?"`.

# %%
predict("following", None)

# %% [markdown]
# <details>
# <summary>Answer</summary>
#
# The second window holds 6, 0 and 3, the third 0, 3 and 9, so the averages are
# `[[3.0, 4.0]]{= np.convolve([3, 6, 0, 3, 9], np.ones(3) / 3, "valid")[1:].tolist() }`. There is no
# fourth window, because it would extend past the last value.
#
# </details>

# %% [markdown]
# ## Further: weighted averages
#
# You can skip this section. If the weights differ, the sum of products is a
# [dot product](glossary.md#dot-product) of the window and the weights.

# %%
print(np.array([3, 6, 0]) @ np.array([0.25, 0.5, 0.25]))

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: count
#
# How many values does a moving average with $f = 4$ give for ten measurements?

# %%
number = None
### BEGIN SOLUTION
number = 7
### END SOLUTION

# %%
check("number", number)

# %% [markdown]
# ### Exercise 2: write it
#
# Write `moving_average(x, f)` for a 1-D array `x`.


# %%
def moving_average(x, f):
    averages = None
    ### BEGIN SOLUTION
    averages = np.array([x[h : h + f].mean() for h in range(len(x) - f + 1)])
    ### END SOLUTION
    return averages


# %%
check("moving_average", moving_average)

# %% [markdown]
# ### Exercise 3: what happens if ...
#
# What happens if $f$ is as large as the number of measurements? Decide first, then try it.
#
# <details>
# <summary>Discussion</summary>
#
# One window remains, and the only value is the mean of all measurements. A larger kernel removes
# more of the noise, and more of the signal.
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

# %% [markdown]
# ## What to read next
#
# - S. W. Smith, *The Scientist and Engineer's Guide to Digital Signal Processing* (1997),
#   chapter 15, [Moving average filters](https://www.dspguide.com/ch15.htm).
