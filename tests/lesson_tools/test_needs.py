"""Cells of a lesson that are skipped where a package is missing."""

from IPython.core.interactiveshell import InteractiveShell

from lesson_tools.needs import load_ipython_extension, skip_where_missing


def test_a_cell_runs_where_its_packages_are_there():
    assert skip_where_missing(["%%needs numpy\n", "x = 1\n"]) == ["#\n", "x = 1\n"]
    assert skip_where_missing(["x = 1\n"]) == ["x = 1\n"] and skip_where_missing([]) == []


def test_a_cell_is_skipped_with_a_line_that_names_what_is_missing(capsys):
    shell = InteractiveShell.instance()
    load_ipython_extension(shell)
    load_ipython_extension(shell)
    try:
        assert shell.run_cell("%%needs numpy no_such_package\nx_of_needs = 1").success
        assert capsys.readouterr().out == (
            "Skipped: no_such_package is not installed here (pip install no_such_package).\n"
        )
        assert "x_of_needs" not in shell.user_ns
        assert shell.run_cell("%%needs torch_0 keras_0\nx_of_needs = 1").success
        assert "torch_0 and keras_0 are not installed" in capsys.readouterr().out
        assert shell.run_cell("%%needs numpy\nx_of_needs = 1").success
        assert shell.user_ns.pop("x_of_needs") == 1
    finally:
        shell.input_transformers_cleanup.remove(skip_where_missing)
    assert skip_where_missing not in shell.input_transformers_cleanup
