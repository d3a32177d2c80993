"""Accounts that differ from the documentation, or have a switch on."""

from pathlib import Path

import pytest

from imagekit_emulator.config import TRAITS, EmulatorConfig

README = Path(__file__).parents[1] / "README.md"


def test_traits__with_a_typing_error_are_refused(tmp_path):
    with pytest.raises(ValueError, match="restrict_all"):
        EmulatorConfig(
            tmp_path, "private", "public", traits=frozenset(["restrict_all"])
        )


def test_traits__are_all_in_the_readme():
    text = README.read_text()
    assert [trait for trait in TRAITS if f"`{trait}`" not in text] == []
