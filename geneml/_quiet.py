"""Keeping messages of TensorFlow that help nobody off the terminal and the pages."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator


def import_keras_quietly() -> None:
    """Import Keras and its backend; their messages are shown only if that fails.

    TensorFlow writes some lines to the process's error stream before its own log level is
    read, so that stream is pointed elsewhere meanwhile.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _errors_aside():
        import keras

        keras.ops.zeros(1)  # the backend says the rest at its first use


@contextlib.contextmanager
def _errors_aside() -> Iterator[None]:
    try:
        stream = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # no stream of the process's own
        yield
        return
    sys.stderr.flush()
    kept = os.dup(stream)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), stream)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, stream)
            os.close(kept)


@contextlib.contextmanager
def without_retracing_advice() -> Iterator[None]:
    """Leave out TensorFlow's advice on retracing, which counts new networks as one function.

    Compiling a function once for each of several networks, as replicates and ensembles do, is
    taken for one function that is compiled too often. In notebooks the advice is printed.
    """
    logger = logging.getLogger("tensorflow")
    logger.addFilter(_is_no_retracing_advice)
    try:
        yield
    finally:
        logger.removeFilter(_is_no_retracing_advice)


def _is_no_retracing_advice(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in record.getMessage()
