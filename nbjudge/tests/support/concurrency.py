"""Correct solutions that start processes and threads: each computes `squares` of a few numbers."""

import importlib.util

from tests.support.engines import spec

POOL = """
import numpy as np
from multiprocessing import Pool

def _square(block):
    return block * block

def squares(numbers):
    with Pool(2) as pool:
        return [int(square) for square in pool.map(_square, map(np.int64, numbers))]
"""
TERMINATE = """
import multiprocessing, signal, time

def squares(numbers):
    for _ in range(10):  # each is ended while it starts
        process = multiprocessing.Process(target=time.sleep, args=(1000,))
        process.start()
        process.terminate()
        process.join()
        assert process.exitcode == -signal.SIGTERM, process.exitcode
    return [number ** 2 for number in numbers]
"""
POOL_IN_THREAD = """
import multiprocessing, operator, threading

def squares(numbers):
    results = []
    def work():
        pool = multiprocessing.Pool(3)
        results.extend(pool.starmap_async(operator.mul, zip(numbers, numbers)).get())
        pool.terminate()
        pool.join()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return results
"""
PROCESS_EXECUTOR = """
import operator
from concurrent.futures import ProcessPoolExecutor

def squares(numbers):
    with ProcessPoolExecutor(2) as executor:
        return list(executor.map(operator.mul, numbers, numbers))
"""
THREAD_EXECUTOR = PROCESS_EXECUTOR.replace("Process", "Thread")
THREADS = """
import threading

def squares(numbers):
    lock, total = threading.Lock(), dict.fromkeys(numbers, 0)
    def add(number):
        for _ in range(number):
            with lock:
                total[number] += number
    threads = [threading.Thread(target=add, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(total.values())
"""
SUBPROCESS = """
import json, signal, subprocess, sys

def squares(numbers):
    process = subprocess.Popen(["sleep", "1000"])
    process.terminate()
    assert process.wait() == -signal.SIGTERM
    program = "import json, sys; print([n * n for n in json.load(sys.stdin)])"
    command = [sys.executable, "-c", program]
    text = json.dumps(numbers)
    return json.loads(subprocess.run(command, input=text, capture_output=True, text=True).stdout)
"""
ASYNCIO = """
import asyncio, json, signal, sys

async def square(number):
    command = [sys.executable, "-c", f"print({number} ** 2)"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe)
    return int((await process.communicate())[0])

async def end():
    process = await asyncio.create_subprocess_exec("sleep", "1000")
    process.terminate()
    return await process.wait()

async def both(numbers):
    *results, status = await asyncio.gather(*map(square, numbers), end())
    assert status == -signal.SIGTERM
    return results

def squares(numbers):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(both(numbers))
    finally:
        loop.close()
"""
QUEUE = """
import multiprocessing

def _work(tasks, results):
    for place, number in iter(tasks.get, None):
        results.put((place, number * number))

def squares(numbers):
    tasks, results = multiprocessing.Queue(), multiprocessing.SimpleQueue()
    processes = [multiprocessing.Process(target=_work, args=(tasks, results)) for _ in range(2)]
    for process in processes:
        process.start()
    for task in enumerate(numbers):
        tasks.put(task)
    found = dict(results.get() for _ in numbers)
    for process in processes:
        tasks.put(None)
    for process in processes:
        process.join()
    return [found[place] for place in range(len(numbers))]
"""
VALUE = """
import multiprocessing

def _add(numbers, results, barrier):
    barrier.wait()
    for place, number in enumerate(numbers):
        with results.get_lock():
            results[place] += number * number

def squares(numbers):
    results, barrier = multiprocessing.Array("i", len(numbers)), multiprocessing.Barrier(3)
    arguments = numbers, results, barrier
    processes = [multiprocessing.Process(target=_add, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [result // 3 for result in results]
"""
SHARED_MEMORY = """
import multiprocessing
from multiprocessing.shared_memory import SharedMemory

def _work(name):
    memory = SharedMemory(name)
    for place, number in enumerate(memory.buf):
        memory.buf[place] = number * number
    memory.close()

def squares(numbers):
    memory = SharedMemory(create=True, size=len(numbers))
    memory.buf[:len(numbers)] = bytes(numbers)
    process = multiprocessing.Process(target=_work, args=(memory.name,))
    process.start()
    process.join()
    results = list(memory.buf[:len(numbers)])
    memory.close()
    memory.unlink()
    return results
"""
POSIX_SPAWN = """
import os, signal, sys

def squares(numbers):
    pid = os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ)
    os.kill(pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM
    results = []
    for number in numbers:
        command = [sys.executable, "-c", f"raise SystemExit({number} ** 2)"]
        pid = os.posix_spawn(sys.executable, command, os.environ)
        results.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    return results
"""
MANAGER = """
import multiprocessing

def _work(numbers, results):
    for number in numbers:
        results.append(number * number)

def squares(numbers):
    with multiprocessing.Manager() as manager:
        results = manager.list()
        process = multiprocessing.Process(target=_work, args=(numbers, results))
        process.start()
        process.join()
        return list(results)
"""
SPAWN = """
import multiprocessing, operator

def squares(numbers):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.starmap(operator.mul, zip(numbers, numbers))
"""
JOBLIB = """
import operator
from joblib import Parallel, delayed

def squares(numbers):
    return Parallel(n_jobs=2)(delayed(operator.mul)(number, number) for number in numbers)
"""
PROGRAMS = {
    "multiprocessing.Pool": POOL,
    "Process.terminate": TERMINATE,
    "Pool in a thread": POOL_IN_THREAD,
    "ProcessPoolExecutor": PROCESS_EXECUTOR,
    "ThreadPoolExecutor": THREAD_EXECUTOR,
    "threading": THREADS,
    "subprocess": SUBPROCESS,
    "asyncio subprocesses": ASYNCIO,
    "Queue and SimpleQueue": QUEUE,
    "Array and Barrier": VALUE,
    "shared_memory": SHARED_MEMORY,
    "os.posix_spawn": POSIX_SPAWN,
    "Manager": MANAGER,
    "start method spawn": SPAWN,
    "start method forkserver": SPAWN.replace("spawn", "forkserver"),
}
if importlib.util.find_spec("joblib"):
    PROGRAMS["joblib"] = JOBLIB
GRADED = "is not available where this notebook is graded (isolation level: reduced); use"
UNAVAILABLE = {  # the message to the student at the level "reduced"
    "Manager": f"RuntimeError: A multiprocessing Manager {GRADED} Queue, Pipe, Value, Array or "
    "shared_memory instead",
}
for method in ("spawn", "forkserver"):
    UNAVAILABLE[f"start method {method}"] = (
        f"ValueError: The start method '{method}' {GRADED} multiprocessing.get_context('fork')"
    )
TEST = "for _ in range(2):\n    assert squares([3, 1, 4, 1, 5][:3]) == [9, 1, 16]"


def question(program: str):
    """Return an assignment with one question of 4 points, answered by a program."""
    return spec((PROGRAMS[program], "solution", "squares"), (TEST, "test", "squares_test", 4))
