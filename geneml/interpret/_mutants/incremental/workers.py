"""Several blocks at once, one a core.

Blocks are independent, and most of their time passes in products and loops of numpy, which
run side by side in threads. One product spread over all cores would leave them idle during
everything else; so the linear algebra library is held to one thread meanwhile.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

T = TypeVar("T")


@cache
def _controller() -> Any:
    return ThreadpoolController().select(user_api="blas")


def count_workers() -> int:
    """Cores to use: those of this process, but no more than the algebra library may.

    That library reads ``OMP_NUM_THREADS`` and ``OPENBLAS_NUM_THREADS``, so these bound the
    workers too.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    allowed = [library["num_threads"] for library in _controller().info()]
    return max(1, min(cores or 1, *allowed))


def in_order(calls: Iterable[Callable[[], T]], workers: int) -> Iterator[T]:
    """Results of the calls in their order; never more than ``workers`` under way.

    Parameters
    ----------
    calls : iterable of callable
        Made one by one as they are needed.
    workers : int
        1: no threads at all.
    """
    if workers == 1:
        for call in calls:
            yield call()
        return
    waiting: deque[Future[T]] = deque()
    with _controller().limit(limits=1), ThreadPoolExecutor(workers) as pool:
        for call in calls:
            if len(waiting) == workers:
                yield waiting.popleft().result()
            waiting.append(pool.submit(call))
        while waiting:
            yield waiting.popleft().result()
