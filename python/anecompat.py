"""Does a Core ML model run on the Apple Neural Engine?

    >>> import anecompat
    >>> anecompat.test_ane_compatibility_coreml_model("Detector.mlpackage")
    <Level.PARTIAL: 1>
    >>> anecompat.evaluate("Detector.mlpackage", targets=["m1", "a17pro"])["evaluations"][0]["level"]
    'partial'

A binding of libANECompat with ctypes; it needs Python 3.9 and nothing else. On a Mac with an ANE the
model is run; elsewhere the answer is a prediction from the file, and its evidence says so.

The library is looked for at $ANECOMPAT_LIBRARY, beside this file, and where the system keeps libraries.
"""

import contextlib
import ctypes
import ctypes.util
import enum
import json
import os
import pathlib
import sys
import tempfile
import threading

__all__ = ["Error", "EvaluationError", "Level", "LibraryNotFound", "api_version", "evaluate",
           "test_ane_compatibility_coreml_model", "version"]

_API_VERSION = 1


class Level(enum.IntEnum):
    """How far a model reaches the ANE."""

    FULL = 0
    PARTIAL = 1
    NONE = 2
    UNKNOWN = 8


class Error(Exception):
    """Anything that goes wrong here."""


class LibraryNotFound(Error, OSError):
    """libANECompat is nowhere, or not one that this module can use."""


class EvaluationError(Error):
    """The question could not be answered. `kind` says why in one word, `code` as the C interface does."""

    def __init__(self, message, kind, code=None):
        super().__init__(message)
        self.kind = kind
        self.code = code


_CODES = {
    3: ("read", "the model cannot be read"),
    4: ("compile", "Core ML cannot compile or load the model"),
    5: ("input", "no input can be made for the model"),
    6: ("prediction", "the model cannot be run"),
    7: ("other", "the model could not be evaluated"),
}

_lock = threading.Lock()
_library = None


def _candidates():
    named = os.environ.get("ANECOMPAT_LIBRARY")
    if named:
        # Whoever names a library wants that one and no other.
        return [named]
    file_name = "libANECompat.dylib" if sys.platform == "darwin" else "libANECompat.so"
    here = pathlib.Path(__file__).resolve().parent
    found = [str(path) for path in (here / file_name, here.parent / "lib" / file_name) if path.exists()]
    system = ctypes.util.find_library("ANECompat")
    if system:
        found.append(system)
    if sys.platform == "darwin":
        found += [f"{prefix}/lib/{file_name}" for prefix in ("/opt/homebrew", "/usr/local")
                  if os.path.exists(f"{prefix}/lib/{file_name}")]
    return found


def _declare(library):
    library.anecompat_api_version.restype = ctypes.c_int
    library.anecompat_api_version.argtypes = []
    library.anecompat_version.restype = ctypes.c_char_p
    library.anecompat_version.argtypes = []
    library.anecompat_evaluate_json.restype = ctypes.c_int
    library.anecompat_evaluate_json.argtypes = [ctypes.c_char_p, ctypes.c_char_p,
                                                ctypes.POINTER(ctypes.c_void_p)]
    library.anecompat_free.restype = None
    library.anecompat_free.argtypes = [ctypes.c_void_p]
    library.test_ane_compatibility_coreml_model.restype = ctypes.c_int
    library.test_ane_compatibility_coreml_model.argtypes = [ctypes.c_char_p, ctypes.c_char_p]


def _open():
    candidates = _candidates()
    problems = []
    for candidate in candidates:
        try:
            library = ctypes.CDLL(candidate)
            _declare(library)
        except (OSError, AttributeError) as error:
            problems.append(f"{candidate}: {error}")
            continue
        if library.anecompat_api_version() >= _API_VERSION:
            return library
        problems.append(f"{candidate}: has API version {library.anecompat_api_version()}, "
                        f"not {_API_VERSION} or later")
    looked = "; ".join(problems) or "it is neither beside anecompat.py nor among the system's libraries"
    raise LibraryNotFound(f"cannot load libANECompat: {looked} "
                          "(install anecompat, or set ANECOMPAT_LIBRARY to the library's path)")


def _load():
    global _library
    with _lock:
        if _library is None:
            _library = _open()
        return _library


def version():
    """The library's version, "0.1.0"."""
    return _load().anecompat_version().decode()


def api_version():
    """The version of the C interface that the library has."""
    return _load().anecompat_api_version()


def _is_coreml_model(model):
    return callable(getattr(model, "get_spec", None)) and callable(getattr(model, "save", None))


def _ending_for(model):
    """ML Programs (and pipelines of them) can be saved as packages only."""
    spec = model.get_spec()
    kind = spec.WhichOneof("Type") if hasattr(spec, "WhichOneof") else None
    if kind == "mlProgram" or getattr(model, "weights_dir", None):
        return ".mlpackage"
    return ".mlmodel"


@contextlib.contextmanager
def _on_disk(model):
    """The path of a model; of one that is in memory, a file that lasts as long as the context."""
    if isinstance(model, (str, os.PathLike)):
        path = os.fspath(model)
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not path or "\0" in path:
            raise ValueError("the model's path is empty or holds a null character")
        yield path
        return
    if not _is_coreml_model(model):
        raise TypeError("a model is a str, a pathlib.Path or a coremltools MLModel, "
                        f"not {type(model).__name__}")
    with tempfile.TemporaryDirectory(prefix="anecompat-") as directory:
        path = os.path.join(directory, "model" + _ending_for(model))
        model.save(path)
        yield path


def test_ane_compatibility_coreml_model(mlmodel_or_path, log_dir=None):
    """The Level of a model on this machine's chip (elsewhere: on an M4).

    mlmodel_or_path is a path or a coremltools MLModel; log_dir a directory that receives what was found.
    Raises EvaluationError when the model cannot be evaluated, LibraryNotFound, TypeError or ValueError.
    """
    library = _load()
    log = None if log_dir is None else os.fsencode(log_dir)
    with _on_disk(mlmodel_or_path) as path:
        code = library.test_ane_compatibility_coreml_model(os.fsencode(path), log)
    if code in _CODES:
        kind, message = _CODES[code]
        raise EvaluationError(f"{message}; the line above says more, as does evaluate()", kind, code)
    try:
        return Level(code)
    except ValueError:
        raise EvaluationError(f"the library answered {code}, which this module does not know",
                              "other", code) from None


# Test collectors take every function of this name for a test.
test_ane_compatibility_coreml_model.__test__ = False


def evaluate(mlmodel_or_path, **options):
    """The evaluation of a model as a dict: an entry as in report.json.

    Options, all optional: targets (list of chips), evidence ("auto", "measured", "planned", "predicted"),
    compute_units, function, reshape_frequency, rules, timeout ("5m"), isolate, retries, program, log_dir.
    A model that cannot be evaluated has an "error" in its evaluations; wrong options raise EvaluationError.
    """
    library = _load()
    try:
        text = json.dumps(options, default=os.fspath)
    except TypeError as error:
        raise TypeError(f"options must be plain values: {error}") from None
    out = ctypes.c_void_p()
    with _on_disk(mlmodel_or_path) as path:
        code = library.anecompat_evaluate_json(os.fsencode(path), text.encode(), ctypes.byref(out))
    if not out.value:
        raise MemoryError("libANECompat ran out of memory")
    try:
        result = json.loads(ctypes.string_at(out.value).decode("utf-8", "replace"))
    finally:
        library.anecompat_free(out)
    if code != 0:
        error = result.get("error", {})
        raise EvaluationError(error.get("message", "no reason given"), error.get("kind", "other"), code)
    return result
