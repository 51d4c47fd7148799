"""The fake keeps the contract."""

import pytest

from application.errors import ModelUnavailable
from tests.contracts.model_list import LISTED, ModelListContract
from tests.fakes.model_lists import ScriptedModelList


class TestScriptedModelList(ModelListContract):
    @pytest.fixture
    def telling(self) -> ScriptedModelList:
        return ScriptedModelList(LISTED)

    @pytest.fixture
    def silent(self) -> ScriptedModelList:
        return ScriptedModelList(None)

    @pytest.fixture
    def unreachable(self) -> ScriptedModelList:
        return ScriptedModelList(ModelUnavailable("away"))
