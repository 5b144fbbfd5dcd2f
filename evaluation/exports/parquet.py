"""Exports the rows of a study as Parquet, one file per table."""

import shutil
from pathlib import Path

import duckdb

from primum.agents.studies.study import Study
from primum.core.errors import DataError
from primum.core.files import make_folder
from primum.core.sql import identifier, literal
from primum.evaluation.notices import study_banners
from primum.evaluation.store.query import snapshot
from primum.evaluation.store.schema import SCHEMA_VERSION, TABLES


def export_tables(store: Path, study: Study, folder: Path) -> list[Path]:
    """Write the files, with the study's notices in the metadata of each.

    Raises:
        DataError: the folder exists already, or the files cannot be written.
    """
    make_folder(folder)
    metadata = {"study": study.id, "primum": study.version, "schema_version": str(SCHEMA_VERSION)}
    metadata |= {"notice": " ".join(study_banners(study))}
    about = ", ".join(f"{name}: {literal(text)}" for name, text in metadata.items())
    paths = []
    try:
        with snapshot(store, writable=folder) as connection:
            for table in TABLES:
                paths.append(folder / f"{table.name}.parquet")
                rows = f"from {identifier(table.name)} where study = {literal(study.id)}"
                copy = f"""copy ({rows}) to {literal(str(paths[-1].resolve()))}
                    (format parquet, compression zstd, kv_metadata {{{about}}})"""
                try:
                    connection.execute(copy)
                except duckdb.Error as error:
                    first = str(error).splitlines()[0]
                    raise DataError(f"{folder}: the tables cannot be written: {first}") from error
    except BaseException:
        shutil.rmtree(folder)
        raise
    return paths
