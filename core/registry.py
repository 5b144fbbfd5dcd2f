"""Records of one kind by name, to which extensions can add."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Generic, TypeVar

from primum.core.errors import DataError, UsageError

R = TypeVar("R")


class Registry(Generic[R]):
    """The records of one kind, in the order in which they were added."""

    def __init__(
        self, kind: str, records: Iterable[R], key: Callable[[R], str] = attrgetter("name")
    ) -> None:
        """Records under their names, or under another `key` where names are not unique.

        `kind` is what messages call such a record, such as "graph".
        """
        self.kind = kind
        self._key = key
        self._records: dict[str, R] = {}
        for record in records:
            self.add(record)

    def add(self, record: R) -> None:
        """Make a record known.

        Raises:
            DataError: another record has its name.
        """
        key = self._key(record)
        if self._records.setdefault(key, record) is not record:
            raise DataError(f"there is a {self.kind} {key} already; choose another name")

    def __getitem__(self, name: str) -> R:
        """The record of that name.

        Raises:
            UsageError: there is none.
        """
        if name not in self._records:
            known = ", ".join(self._records)
            raise UsageError(f"there is no {self.kind} {name}; there are {known}")
        return self._records[name]

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all records, in the order in which they were added."""
        return tuple(self._records)
