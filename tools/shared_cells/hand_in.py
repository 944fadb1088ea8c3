# %% [markdown]
# ## Handing in
#
# If you are studying on your own, there is nothing to hand in: the checks above have told you
# whether your functions are right. In a class:
#
# 1. **Run everything once more from a clean start.** In Jupyter: *Kernel > Restart Kernel and Run
#    All Cells* (in the older interface *Restart & Run All*). In Colab: *Runtime > Restart session
#    and run all*. This finds a cell that only worked because of something you have since deleted.
#    Every check should still pass. A function that is wrong stops the run at its check; one that
#    you have left unwritten does not, and costs no more than its own points. The last cell sums up
#    where you stand.
# 2. **Save.** In Jupyter: *File > Save Notebook*. In Colab you are working on a copy that belongs
#    to your browser session: *File > Save a copy in Drive* keeps it for later.
# 3. **Hand in**, in the way your instructor has told you:
#    - If your Jupyter has nbgrader's *Assignments* list, press *Validate* there (or in the
#      notebook) to see whether the checks pass, then *Submit*.
#    - Otherwise get the `.ipynb` file, in Jupyter with *File > Download*, in Colab with *File >
#      Download > Download .ipynb*, and upload it where your instructor collects the work.
#
# Two things keep the grading from going wrong. Do not rename the file; if something like `(1)` or
# `Copy of` has got into its name, take that out again. And do not delete, copy or split the cells
# that came with the notebook: the grader finds your work by them. Extra cells, notes and
# experiments of your own are welcome and cost nothing.

# %% [markdown]
# ## Where you stand
#
# The next cell says which of your functions pass their checks. It goes by the last run of each
# check.

# %% role="summary"
summary(EXERCISES)
