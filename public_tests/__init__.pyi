"""Checks for the exercises, to be called from a notebook. Written by `make release`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

__all__ = [
    "ask",
    "check_answer",
    "check_function",
    "conv_backward_test",
    "conv_forward_test",
    "conv_forward_test_1",
    "conv_forward_test_2",
    "conv_parameters_test",
    "conv_single_step_test",
    "conv_transpose_forward_test",
    "create_mask_from_window_test",
    "dense_as_convolution_test",
    "dense_backward_test",
    "dense_forward_test",
    "distribute_value_test",
    "hint",
    "keep_in_drive",
    "lenet_forward_test",
    "lenet_gradients_test",
    "momentum_step_test",
    "one_by_one_forward_test",
    "output_size_test",
    "padding_amounts_test",
    "pool_backward_test",
    "pool_forward_test",
    "pool_forward_test_1",
    "pool_forward_test_2",
    "progress",
    "relu_backward_test",
    "relu_test",
    "show",
    "sigmoid_backward_test",
    "sigmoid_test",
    "softmax_cross_entropy_test",
    "softmax_test",
    "solution",
    "summary",
    "tanh_backward_test",
    "transposed_size_test",
    "validate",
    "zero_pad_test",
]

def ask(name: str | None = None, *answer: Any) -> None:
    """Ask up to three questions about your own function, one at a time, or answer the current one.

    The right answers come from running your function. They earn no points.

    Parameters
    ----------
    name
        Name of an exercise whose check has been run; by default the one checked last.
    answer
        Answer to the current question: a number, a tuple, or a letter in quotes; "?" for a hint,
        and the second time for the answer.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """

def check_answer(
    title: str,
    given: object,
    right: object,
    hint: str = "",
    known: Iterable[tuple[object, str]] = (),
) -> None:
    """Check the answer of a lesson's exercise; print the result, or raise if it is wrong.

    Parameters
    ----------
    title
        Title of the exercise, such as "Exercise 1".
    given
        Answer: a number, a text, a tuple or an array; None if there is no answer yet.
    right
        Right answer.
    hint
        Hint to show if the answer is wrong.
    known
        Pairs of a wrong answer and a sentence about the mistake that leads to it.

    Raises
    ------
    AssertionError
        If the answer is wrong.
    """

def check_function(
    title: str,
    function: Callable[..., Any],
    right: Callable[..., Any],
    calls: Sequence[tuple[Any, ...]],
    hint: str = "",
    known: Iterable[tuple[Callable[..., Any], str]] = (),
) -> None:
    """Check the function of a lesson's exercise; print the result, or raise if it is wrong.

    Parameters
    ----------
    title
        Title of the exercise, such as "Exercise 2".
    function
        Function to check; if it returns None, it counts as not written.
    right
        Correct function.
    calls
        Argument tuples, one per call.
    hint
        Hint to show if a result is wrong, or if a call raises an exception.
    known
        Pairs of a wrong function, which may raise exceptions, and a sentence about its mistake.

    Raises
    ------
    AssertionError
        If a result is wrong, or if a call raises an exception.
    """

def conv_backward_test(target: Callable[..., Any]) -> None:
    """Check conv_backward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def conv_forward_test(target: Callable[..., Any]) -> None:
    """Check conv_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def conv_forward_test_1(z_mean: Any, z_0_2_1: Any, cache_0_1_2_3: Any = ...) -> None:
    """Check three values of conv_forward on the published inputs (seed 1, pad 1, stride 2).

    Parameters
    ----------
    z_mean
        `np.mean(Z)`.
    z_0_2_1
        Z[0, 2, 1], or Z[3, 2, 1] of the batch of 10.
    cache_0_1_2_3
        `cache[0][1][2][3]`, which one edition leaves out.

    Raises
    ------
    AssertionError
        If a value is wrong; the message says which.
    """

def conv_forward_test_2(target: Callable[..., Any]) -> None:
    """Check conv_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def conv_parameters_test(target: Callable[..., Any]) -> None:
    """Check conv_parameters: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def conv_single_step_test(target: Callable[..., Any]) -> None:
    """Check conv_single_step: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def conv_transpose_forward_test(target: Callable[..., Any]) -> None:
    """Check conv_transpose_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def create_mask_from_window_test(target: Callable[..., Any]) -> None:
    """Check create_mask_from_window: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def dense_as_convolution_test(target: Callable[..., Any]) -> None:
    """Check dense_as_convolution: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def dense_backward_test(target: Callable[..., Any]) -> None:
    """Check dense_backward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def dense_forward_test(target: Callable[..., Any]) -> None:
    """Check dense_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def distribute_value_test(target: Callable[..., Any]) -> None:
    """Check distribute_value: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def hint(name: str | None = None) -> None:
    """Print the next hint for an exercise; each hint says more than the one before.

    Parameters
    ----------
    name
        Name of an exercise; by default the one checked last.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """

def keep_in_drive(folder: str = "convolution") -> None:
    """Keep the progress of all notebooks in a folder of your Google Drive, from Colab.

    This notebook's record so far is added to the record there. Without permission, or
    without Drive, the output says so, and the record stays on this machine.

    Parameters
    ----------
    folder
        Name of the folder in "My Drive". It is created if it does not exist.
    """

def lenet_forward_test(target: Callable[..., Any]) -> None:
    """Check lenet_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def lenet_gradients_test(target: Callable[..., Any]) -> None:
    """Check lenet_gradients: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def momentum_step_test(target: Callable[..., Any]) -> None:
    """Check momentum_step: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def one_by_one_forward_test(target: Callable[..., Any]) -> None:
    """Check one_by_one_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def output_size_test(target: Callable[..., Any]) -> None:
    """Check output_size: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def padding_amounts_test(target: Callable[..., Any]) -> None:
    """Check padding_amounts: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def pool_backward_test(target: Callable[..., Any]) -> None:
    """Check pool_backward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def pool_forward_test(target: Callable[..., Any]) -> None:
    """Check pool_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def pool_forward_test_1(target: Callable[..., Any]) -> None:
    """Check pool_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def pool_forward_test_2(target: Callable[..., Any]) -> None:
    """Check pool_forward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def progress() -> None:
    """Show all lessons, assignments and milestones with their state, and the next step."""

def relu_backward_test(target: Callable[..., Any]) -> None:
    """Check relu_backward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def relu_test(target: Callable[..., Any]) -> None:
    """Check relu: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def show(name: str | None = None, function: Callable[..., Any] | None = None) -> None:
    """Draw a failing case: inputs, expected and actual output, and their difference.

    The numbers are folded below the picture, or printed outside a notebook. For functions that
    slide a window, the windows are listed one by one up to the first wrong one. Results that are no
    arrays are listed.

    Parameters
    ----------
    name
        Name of an exercise; by default the one checked last.
    function
        Function to judge first; by default the verdict of the last check is drawn.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """

def sigmoid_backward_test(target: Callable[..., Any]) -> None:
    """Check sigmoid_backward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def sigmoid_test(target: Callable[..., Any]) -> None:
    """Check sigmoid: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def softmax_cross_entropy_test(target: Callable[..., Any]) -> None:
    """Check softmax_cross_entropy: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def softmax_test(target: Callable[..., Any]) -> None:
    """Check softmax: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def solution(name: str | None = None) -> None:
    """Print a solution of an exercise with loops, once you have tried it yourself.

    You have tried it if you have checked a function that you began to write since the notebook was
    started. The function need not be right, but it must return a value or raise an error.

    Parameters
    ----------
    name
        Name of an exercise; by default the one checked last.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """

def summary(*names: str) -> None:
    """Show the state of each exercise: passed, failed, not written or not checked.

    Parameters
    ----------
    names
        Names of exercises, and of other variables that a notebook asks for; by default all
        exercises of the notebook.
    """

def tanh_backward_test(target: Callable[..., Any]) -> None:
    """Check tanh_backward: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def transposed_size_test(target: Callable[..., Any]) -> None:
    """Check transposed_size: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """

def validate(name: str, is_right: Callable[[], Any] | None = None) -> None:
    """Raise an error if an exercise is not right while nbgrader's Validate runs the notebook.

    Does nothing otherwise: grading uses hidden checks.

    Parameters
    ----------
    is_right
        For a variable that is not a function: a callable that returns True if it is right.
        `summary` calls it too.

    Raises
    ------
    AssertionError
        If the exercise is not right; the message is the verdict.
    """

def zero_pad_test(target: Callable[..., Any]) -> None:
    """Check zero_pad: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """
