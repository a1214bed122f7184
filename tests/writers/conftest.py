import pytest

from tests.writers.studio import Studio


@pytest.fixture
async def studio(tmp_path):
    made = Studio(tmp_path)
    yield made
    await made.pool.close()
