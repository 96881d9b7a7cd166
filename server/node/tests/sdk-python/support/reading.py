"""A subscription, with everything that comes through it."""

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

    def __init__(self, client: Client, channel: str, since: StreamPosition | None = None) -> None:
        self.subscribed: Gathered[SubscribedContext] = Gathered()
        self.unsubscribed: Gathered[UnsubscribedContext] = Gathered()
        self.publications: Gathered[Publication] = Gathered()
        self.errors: Gathered[SubscriptionErrorContext] = Gathered()

        async def kept(_: str) -> StreamPosition:
            assert since is not None
            return since

        # The SDK asks an app that kept its position with `get_state`.
        self.sub = client.new_subscription(channel, events=self, get_state=None if since is None else kept)

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
