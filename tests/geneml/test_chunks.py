"""Studies in chunks: the same numbers wherever they run, after a death and after a break."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from geneml import chunks


def double(task):
    return {"seed": task, "values": np.random.default_rng(task).normal(size=3), "name": f"t{task}"}


def dies_once(task):
    """Kills its process the first time that it is asked for task 2."""
    number, folder = task
    mark = Path(folder) / "died"
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return double(number)


def dies(task):
    os.kill(os.getpid(), signal.SIGKILL)


def fails_at_three(task):
    if task == 3:
        raise ZeroDivisionError("three")
    return double(task)


def threads_of_a_worker(task):
    return {
        name: os.environ.get(name, "") for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")
    }


def same(results, expected):
    assert len(results) == len(expected)
    for ours, theirs in zip(results, expected, strict=True):
        assert set(ours) == set(theirs)
        for name in ours:
            np.testing.assert_array_equal(ours[name], np.asarray(theirs[name]))


EXPECTED = [double(task) for task in range(6)]


def test_in_this_process():
    same(chunks.run(double, range(6)), EXPECTED)


def test_on_threads():
    with ThreadPoolExecutor(3) as pool:
        same(chunks.run(double, range(6), executor=pool), EXPECTED)
        assert pool.submit(int, 3).result() == 3, "a pool that was given stays open"


def test_a_dead_worker_s_chunk_is_run_again(tmp_path):
    tasks = [(number, str(tmp_path)) for number in range(6)]
    results = chunks.run(dies_once, tasks, executor=chunks.process_pool(2))
    assert (tmp_path / "died").exists()
    same(results, EXPECTED)


def test_workers_that_always_die_end_the_study():
    with pytest.raises(RuntimeError, match="died 2 times"):
        chunks.run(dies, [1], executor=chunks.process_pool(1), attempts=2)


def test_a_broken_pool_that_was_given_says_what_to_do():
    with (
        ProcessPoolExecutor(1) as pool,
        pytest.raises(RuntimeError, match=r"process_pool\(2\)"),
    ):
        chunks.run(dies, [1], executor=pool)


def test_an_interrupted_study_goes_on_with_what_is_missing(tmp_path):
    calls = []

    def counted(task):
        calls.append(task)
        return double(task)

    with pytest.raises(ZeroDivisionError):
        chunks.run(fails_at_three, range(6), folder=tmp_path, label="a")
    seen = []
    results = chunks.run(
        counted, range(6), folder=tmp_path, label="a", on_result=lambda *at: seen.append(at)
    )
    assert calls == [3, 4, 5]
    assert seen == [(3, 6), (4, 6), (5, 6), (6, 6)]
    same(results, EXPECTED)
    same(chunks.run(fails_at_three, range(6), folder=tmp_path, label="a"), EXPECTED)


def test_the_results_of_another_study_are_refused(tmp_path):
    chunks.run(double, range(2), folder=tmp_path, label="a")
    for label, tasks in (("b", 2), ("a", 3)):
        with pytest.raises(ValueError, match="another study"):
            chunks.run(double, range(tasks), folder=tmp_path, label=label)


def test_workers_have_their_share_of_threads():
    (result,) = chunks.run(threads_of_a_worker, [0], executor=chunks.process_pool(1, threads=1))
    assert set(map(str, result.values())) == {"1"}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"function": 3}, TypeError, "callable"),
        ({"attempts": 0}, ValueError, "attempts"),
        ({"function": lambda task: 3}, TypeError, "mapping of names"),
        ({"function": lambda task: {"a": object()}}, TypeError, "'a' of task 0"),
    ],
)
def test_bad_input(given, error, message):
    function = given.pop("function", double)
    with pytest.raises(error, match=message):
        chunks.run(function, [0], **given)


@pytest.mark.parametrize("given", [{"workers": 0}, {"workers": 1, "threads": 0}])
def test_a_pool_needs_someone(given):
    with pytest.raises(ValueError, match="whole number from 1"):
        chunks.process_pool(**given)
