"""A folder is removed whole, whatever was done to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lessons.grader.cleanup import folder_size, remove_tree


@pytest.mark.skipif(sys.platform == "win32", reason="needs folders relative to a descriptor")
def test_a_tree_deeper_than_recursion_and_longer_than_any_path_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("folder", dir_fd=here)
        below = os.open("folder", os.O_RDONLY, dir_fd=here)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=below))
        os.close(here)
        here = below
    os.close(here)
    remove_tree(str(top))
    assert not top.exists()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("kept")
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "link").symlink_to(kept)
    (top / "a" / "b" / "link").symlink_to(kept / "file")
    (top / "a" / "dangling").symlink_to(tmp_path / "nowhere")
    remove_tree(str(top))
    assert not top.exists()
    assert (kept / "file").read_text() == "kept"


def test_closed_folders_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "file").write_text("x")
    (top / "a" / "b").chmod(0)
    (top / "a").chmod(0)
    remove_tree(str(top))
    assert not top.exists()


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    remove_tree(str(tmp_path / "absent"))


def test_the_size_of_a_folder_counts_files_and_not_what_links_point_to(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "a").mkdir(parents=True)
    (top / "one").write_bytes(bytes(100))
    (top / "a" / "two").write_bytes(bytes(50))
    (tmp_path / "large").write_bytes(bytes(10_000))
    (top / "link").symlink_to(tmp_path / "large")
    link = len(str(tmp_path / "large"))
    assert folder_size(str(top), 10**6) == 150 + link
    assert folder_size(str(top), 120) > 120
