"""What the server says no to."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from centrifuge import ReplyError


@contextmanager
def refused(code: int) -> Iterator[None]:
    """What is asked here is answered with this error, which is not to be tried again by itself."""
    with pytest.raises(ReplyError) as refusal:
        yield
    assert (refusal.value.code, refusal.value.temporary) == (code, False)
