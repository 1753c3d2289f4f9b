"""The same study in this process, on a process pool and on a Dask cluster of two workers."""

import os

import numpy as np
import pytest

from geneml import chunks
from geneml.splits import random_split

N, P = 120, 5


def study(task):
    """A chunk of networks, as a study has them; says which process it ran in."""
    from geneml.replicates import Plan, train

    random = np.random.default_rng(0)
    x = random.integers(0, 3, size=(N, P)).astype("float32")
    y = x[:, 0] + random.normal(size=N)
    plan = Plan.grid(splits=1, taus=(0.25, 0.75), penalties=(0, 0.1), hidden=(2, 3), seed=task)
    networks = train(x, y, [random_split(N, seed=task)], plan, epochs=15)
    return {"predictions": networks.predict(x), "process": os.getpid()}


@pytest.fixture(scope="module")
def here():
    return chunks.run(study, range(4))


def compare(results, here):
    processes = {int(result["process"]) for result in results}
    assert os.getpid() not in processes
    for ours, theirs in zip(results, here, strict=True):
        np.testing.assert_allclose(ours["predictions"], theirs["predictions"], rtol=1e-5, atol=1e-6)
    return processes


@pytest.mark.slow
def test_a_process_pool_gives_the_same(here):
    assert len(compare(chunks.run(study, range(4), executor=chunks.process_pool(2)), here)) == 2


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Dask itself, about ports and closing
def test_a_dask_cluster_gives_the_same(here):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        results = chunks.run(study, range(4), executor=client.get_executor())
    assert len(compare(results, here)) == 2
