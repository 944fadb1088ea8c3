# %% [markdown]
# ## Where you stand
#
# The next cell says which of your functions pass their checks. It goes by the last run of each
# check.

# %%
summary(EXERCISES)

# %% [markdown]
# <details>
# <summary>In a class: how to hand in your work</summary>
#
# 1. **Run everything once more from a clean start.** In Jupyter: *Kernel > Restart Kernel and Run
#    All Cells* (in the older interface *Restart & Run All*). In Colab: *Runtime > Restart session
#    and run all*. This finds cells that worked only because of something you have since deleted. A
#    wrong function stops the run at its check. A function that you have not written does not, and
#    it costs no more than its own points.
# 2. **Save.** In Jupyter: *File > Save Notebook*. In Colab you are working on a copy that belongs
#    to your browser session; *File > Save a copy in Drive* keeps it.
# 3. **Hand in**, as your instructor has told you:
#    - If your Jupyter has nbgrader's *Assignments* list, press *Validate* there (or in the
#      notebook) to see whether the checks pass, then *Submit*.
#    - Otherwise download the `.ipynb` file, in Jupyter with *File > Download*, in Colab with
#      *File > Download > Download .ipynb*, and upload it where your instructor collects the work.
#
# The grader finds your work by the file's name and by the cells that came with the notebook. So
# keep the name: if it now contains `(1)` or `Copy of`, remove that. And do not delete, copy or
# split these cells. Cells that you add are welcome, and cost nothing.
#
# </details>
