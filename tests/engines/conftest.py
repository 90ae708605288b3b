"""One cluster for all tests of a worker; a test that cannot have one says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.spark_cluster import cluster, missing


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standalone Spark cluster on loopback."""
    if what := missing():
        pytest.skip(f"no Spark cluster here: {what}")
    with cluster(tmp_path_factory.mktemp("spark")) as address:
        yield address


@pytest.fixture(scope="session")
def options() -> dict[str, str]:
    """Options for a cluster on one small machine."""
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "800m",
        "spark.sql.shuffle.partitions": "4",
    }
