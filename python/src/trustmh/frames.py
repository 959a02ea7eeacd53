"""Tables, in pandas or polars, whichever is there."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, overload

if TYPE_CHECKING:
    import pandas
    import polars

Library: TypeAlias = Literal["pandas", "polars"]

_LIBRARIES: tuple[Library, ...] = ("pandas", "polars")


def library(wanted: Library | None) -> Library:
    """The library that tables are made with.

    Raises:
        ImportError: It is not installed, or neither is.
        ValueError: There is no such library.
    """
    if wanted is not None:
        if wanted not in _LIBRARIES:
            raise ValueError(
                f"as_, the library of a table, is {wanted!r}; it must be 'pandas' or 'polars'"
            )
        if not _is_there(wanted):
            raise ImportError(f"{wanted} is not installed: pip install 'trustmh[{wanted}]'")
        return wanted
    for found in _LIBRARIES:
        if _is_there(found):
            return found
    raise ImportError(
        "a table needs pandas (with pyarrow) or polars: "
        "pip install 'trustmh[pandas]' or 'trustmh[polars]'"
    )


def _is_there(name: Library) -> bool:
    # pandas reads Parquet with the help of another library alone.
    needed = ("pandas", "pyarrow") if name == "pandas" else ("polars",)
    return all(importlib.util.find_spec(one) is not None for one in needed)


@overload
def read_parquet(path: Path, made_with: Literal["pandas"]) -> pandas.DataFrame: ...
@overload
def read_parquet(path: Path, made_with: Literal["polars"]) -> polars.DataFrame: ...
@overload
def read_parquet(path: Path, made_with: Library) -> pandas.DataFrame | polars.DataFrame: ...
def read_parquet(path: Path, made_with: Library) -> pandas.DataFrame | polars.DataFrame:
    """The table in a Parquet file, all of it in memory."""
    if made_with == "pandas":
        return cast(
            "pandas.DataFrame", cast(Any, importlib.import_module("pandas")).read_parquet(path)
        )
    polars = cast(Any, importlib.import_module("polars"))
    return cast("polars.DataFrame", polars.read_parquet(path, memory_map=False))


@overload
def of_rows(rows: Sequence[dict[str, Any]], made_with: Literal["pandas"]) -> pandas.DataFrame: ...
@overload
def of_rows(rows: Sequence[dict[str, Any]], made_with: Literal["polars"]) -> polars.DataFrame: ...
@overload
def of_rows(
    rows: Sequence[dict[str, Any]], made_with: Library
) -> pandas.DataFrame | polars.DataFrame: ...
def of_rows(
    rows: Sequence[dict[str, Any]], made_with: Library
) -> pandas.DataFrame | polars.DataFrame:
    """A table of rows that all have the same columns."""
    if made_with == "pandas":
        return cast(
            "pandas.DataFrame", cast(Any, importlib.import_module("pandas")).DataFrame(list(rows))
        )
    polars = cast(Any, importlib.import_module("polars"))
    return cast("polars.DataFrame", polars.DataFrame(list(rows), infer_schema_length=None))
