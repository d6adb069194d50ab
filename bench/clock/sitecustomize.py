"""Another day: what a Python process sees when this folder is on its PYTHONPATH and TANGTHU_BENCH_LATER says seconds.

``datetime.now`` is that much later, in the process and in all it starts; nothing else is touched. So a crawl of the
next day is the program as it stands, with WARC records, rows and requests that agree with one another; and no package
of the system is needed, as libfaketime would be.
"""

import datetime
import os

_LATER = datetime.timedelta(seconds=float(os.environ.get("TANGTHU_BENCH_LATER", "0")))


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _TODAY)


class _Later(datetime.datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_Later":
        return super().now(tz) + _LATER


_TODAY = datetime.datetime
if _LATER:
    datetime.datetime = _Later  # type: ignore[misc]
