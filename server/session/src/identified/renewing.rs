//! Tokens and their ends: of the connection, and of single subscriptions.

use super::Identified;
use crate::Handled;
use crate::clock::Now;
use crate::effect::Effect;
use crate::subscription::{Grant, State, Subscription};
use identity::{Principal, TokenRefusal};
use protocol::command::{SubRefreshRequest, Token};
use protocol::push::Unsubscribed;
use protocol::reply::{RefreshResult, SubRefreshResult};
use protocol::{ChannelName, Disconnect, ErrorCode, InvalidChannel, ReplyBody, Timestamp};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long somebody waits before they ask again for the right to post.
const RENEW_AGAIN: Duration = Duration::from_secs(30);

impl Identified {
    /// A newer token of the same member: rights follow it at once.
    pub(super) fn refresh(
        &mut self,
        id: u32,
        token: &Token,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<()> {
        if token.0.is_empty() {
            return Err(Disconnect::BadRequest);
        }
        let mut principal = match self.common.door.renew(&token.0, now.wall) {
            Ok(principal) if principal.member == self.principal.member => principal,
            Err(TokenRefusal::Expired) => {
                self.refuse(id, ErrorCode::TokenExpired);
                return Ok(());
            }
            Ok(_) | Err(TokenRefusal::Invalid) => return Err(Disconnect::InvalidToken),
        };
        self.expires = expiry(principal.expires_at, now);
        self.posts_until = expiry(principal.posts_until, now);
        principal.shrink_to_fit();
        self.principal = principal;
        self.drop_what_may_no_longer_be_read(effects);
        let result = RefreshResult {
            client: self.client.clone(),
            version: self.common.version,
            expires: true,
            ttl: renewal(&self.principal, now),
        };
        self.reply(id, Ok(ReplyBody::Refresh(result)));
        Ok(())
    }

    /// A subscription that was not answered yet is answered now; one that stands is ended. Those that stand on a token
    /// of their own stay.
    fn drop_what_may_no_longer_be_read(&mut self, effects: &mut VecDeque<Effect>) {
        let forbidden: Vec<ChannelName> = self
            .subscriptions
            .channels()
            .filter(|channel| self.refuses_reading(channel).is_some())
            .cloned()
            .collect();
        for channel in forbidden {
            match self.subscriptions.get(&channel).map(|sub| &sub.state) {
                Some(State::Joining(request)) => {
                    let id = request.id;
                    self.subscriptions.remove(&channel);
                    effects.push_back(Effect::Leave(channel));
                    self.refuse(id, ErrorCode::PermissionDenied);
                }
                Some(State::Reading(_)) => self.end_subscription(&channel, Unsubscribed::ByServer, effects),
                None => {}
            }
        }
    }

    /// What a subscription token allows; a token of somebody else, or for another channel, ends the connection.
    pub(super) fn grant(
        &self,
        token: &Token,
        channel: &ChannelName,
        now: Now,
    ) -> Handled<Result<Grant, ErrorCode>> {
        match self.common.door.subscriptions().verify(&token.0, now.wall) {
            Ok(grant) if grant.member == self.principal.member && grant.channel == *channel => {
                Ok(Ok(Grant { expires_at: grant.expires_at, ends: expiry(grant.expires_at, now) }))
            }
            Ok(_) => Err(Disconnect::InvalidToken),
            Err(TokenRefusal::Expired) => Ok(Err(ErrorCode::TokenExpired)),
            Err(TokenRefusal::Invalid) => Ok(Err(ErrorCode::PermissionDenied)),
        }
    }

    /// A newer token for a subscription that stands on one.
    pub(super) fn sub_refresh(&mut self, id: u32, request: &SubRefreshRequest, now: Now) -> Handled<()> {
        let channel = match ChannelName::parse(&request.channel) {
            Ok(channel) => channel,
            Err(InvalidChannel::Empty) => return Err(Disconnect::BadRequest),
            Err(InvalidChannel::Character | InvalidChannel::TooLong) => {
                self.refuse(id, ErrorCode::BadRequest);
                return Ok(());
            }
        };
        let refusal = match self.subscriptions.get(&channel) {
            // As the reference server: there is nothing to renew that the client may know of.
            None | Some(Subscription { state: State::Joining(_), .. }) => Some(ErrorCode::PermissionDenied),
            // The reference server closes with 3501 where the client is not the one to renew. Nothing else of the
            // connection is wrong, so here the request alone is refused.
            Some(Subscription { grant: None, .. }) => Some(ErrorCode::BadRequest),
            Some(_) if request.token.0.is_empty() => Some(ErrorCode::BadRequest),
            Some(_) => None,
        };
        let granted = match refusal {
            Some(code) => Err(code),
            None => self.grant(&request.token, &channel, now)?,
        };
        let renewed = granted.map(|grant| {
            if let Some(sub) = self.subscriptions.get_mut(&channel) {
                sub.grant = Some(Box::new(grant));
            }
            ReplyBody::SubRefresh(SubRefreshResult { expires: true, ttl: ttl(grant.expires_at, now) })
        });
        self.reply(id, renewed);
        Ok(())
    }

    /// Ends subscriptions whose own token ended a while ago without a newer one.
    pub(super) fn end_expired_subscriptions(&mut self, now: Now, effects: &mut VecDeque<Effect>) {
        let grace = self.common.timing.expiry_grace;
        let is_over = |sub: &Subscription| sub.expires().is_some_and(|ends| ends + grace <= now.instant);
        let expired: Vec<ChannelName> =
            self.subscriptions.iter().filter(|(_, sub)| is_over(sub)).map(|(name, _)| name.clone()).collect();
        for channel in expired {
            self.end_subscription(&channel, Unsubscribed::Expired, effects);
        }
    }
}

/// When a token ends, on the clock that only moves forward.
pub(super) fn expiry(end: Timestamp, now: Now) -> Instant {
    now.instant + now.wall.until(end)
}

/// Seconds until somebody should show a newer token, as an SDK is told: before they may no longer post; if they may not
/// already, after a while, and before the connection ends.
pub(super) fn renewal(principal: &Principal, now: Now) -> u32 {
    let posts = now.wall.until(principal.posts_until);
    let posts = if posts.is_zero() { RENEW_AGAIN } else { posts };
    let ends = now.wall.until(principal.expires_at);
    u32::try_from(posts.min(ends).as_secs()).unwrap_or(u32::MAX).max(1)
}

/// Seconds until a token ends, as an SDK is told: at least one, so that it asks for another in any case.
pub(super) fn ttl(end: Timestamp, now: Now) -> u32 {
    u32::try_from(now.wall.until(end).as_secs()).unwrap_or(u32::MAX).max(1)
}
