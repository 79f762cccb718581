"""Things in the order they happened, and readers who wait for the next one they care about."""

import asyncio

# Real seconds after which a wait counts as failed. A guard, never a pace.
GUARD = 20.0


def matches(item, wanted):
    """Whether `item` has every wanted field. A wanted value may be a set of choices or a predicate."""

    def fits(have, want):
        if callable(want):
            return want(have)
        if isinstance(want, (set, frozenset)):
            return have in want
        return have == want

    return all(fits(item.get(name), want) for name, want in wanted.items())


def fields(*names):
    """Entries belong to one stream if they agree in these fields."""
    return lambda item: tuple(item.get(name) for name in names)


class Log:
    """A log of `(kind, item)` entries, item being a dict.

    Entries fall into streams (one connector's statuses, one transaction's meter values, …). `next` hands
    out each entry once and, with it, skips what came earlier in the same stream. So an old `Available` is
    never mistaken for a new one, and waiting for one connector never swallows another's entries.
    """

    def __init__(self, name, stream):
        self.name = name
        self.entries = []
        self._stream = stream
        self._read = {}
        self._waiters = set()

    @property
    def mark(self):
        """A place in the log to count from later."""
        return len(self.entries)

    def push(self, kind, item):
        self.entries.append((kind, item))
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def all(self, kind, *, since=0, **wanted):
        """Every matching entry since a mark, read or not."""
        return [i for k, i in self.entries[since:] if k == kind and matches(i, wanted)]

    async def next(self, kind, **wanted):
        """The next unread entry that matches; waits for it."""
        try:
            async with asyncio.timeout(GUARD):
                while (found := self._take(kind, wanted)) is None:
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    try:
                        await waiter
                    finally:
                        self._waiters.discard(waiter)
                return found
        except TimeoutError:
            tail = "\n  ".join(f"{k} {i}" for k, i in self.entries[-12:])
            raise AssertionError(f"{self.name}: no {kind} {wanted or ''} came; the last were\n  {tail}") from None

    def _take(self, kind, wanted):
        for index, (have, item) in enumerate(self.entries):
            if have != kind or not matches(item, wanted):
                continue
            stream = (kind, *self._stream(item))
            if index >= self._read.get(stream, 0):
                self._read[stream] = index + 1
                return item
        return None
