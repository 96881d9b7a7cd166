"""A subscription, with everything that comes through it."""

from collections.abc import Awaitable, Callable

from centrifuge import (
    Client,
    Publication,
    PublicationContext,
    StreamPosition,
    SubscribedContext,
    SubscriptionErrorContext,
    SubscriptionEventHandler,
    UnsubscribedContext,
)

from support.deadline import within
from support.gathered import Gathered


class Reading(SubscriptionEventHandler):
    """One subscription of an SDK client."""

    def __init__(
        self,
        client: Client,
        channel: str,
        since: list[StreamPosition] | StreamPosition | None = None,
        token: str = "",
        get_token: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self.subscribed: Gathered[SubscribedContext] = Gathered()
        self.unsubscribed: Gathered[UnsubscribedContext] = Gathered()
        self.publications: Gathered[Publication] = Gathered()
        self.errors: Gathered[SubscriptionErrorContext] = Gathered()

        # Positions that were not asked for yet; the SDK asks for another if the server cannot go on from one.
        self.kept = since if isinstance(since, list) else [] if since is None else [since]

        async def kept(_: str) -> StreamPosition:
            return self.kept.pop(0)

        async def renewed(_: str) -> str:
            assert get_token is not None
            return await get_token()

        # The SDK asks an app that kept its position with `get_state`.
        self.sub = client.new_subscription(
            channel,
            events=self,
            get_state=kept if self.kept else None,
            token=token,
            get_token=None if get_token is None else renewed,
            min_resubscribe_delay=0.02,
            max_resubscribe_delay=0.1,
        )

    async def begin(self) -> SubscribedContext:
        """Subscribes, and waits until it did."""
        before = len(self.subscribed.items)
        await within(self.sub.subscribe(), "a call to subscribe")
        return (await self.subscribed.at_least(before + 1))[before]

    async def refusal(self) -> int:
        """Subscribes; answers the code with which that is refused."""
        await within(self.sub.subscribe(), "a call to subscribe")
        return (await self.unsubscribed.at_least(1))[0].code

    @property
    def state(self) -> SubscribedContext:
        """How it began last."""
        return self.subscribed.items[-1]

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        self.subscribed.add(ctx)

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        self.unsubscribed.add(ctx)

    async def on_publication(self, ctx: PublicationContext) -> None:
        self.publications.add(ctx.pub)

    async def on_error(self, ctx: SubscriptionErrorContext) -> None:
        self.errors.add(ctx)
