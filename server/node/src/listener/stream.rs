//! What HTTP is spoken over: the accepted socket, or TLS over it.

use crate::listener::transport::{REQUESTS_READ_MAX_BYTES, Transport};
use crate::listener::watchdog::Phase;
use crate::listener::wire::Wire;
use bytes::BytesMut;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

/// A connection after its handshake, if it has one, with what was read of it before the HTTP server has it.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: Inner,
    unread: BytesMut,
}

#[derive(Debug)]
enum Inner {
    Plain(Transport),
    Tls(Box<TlsStream<Transport>>),
}

impl Stream {
    pub(super) fn plain(transport: Transport) -> Self {
        Self { inner: Inner::Plain(transport), unread: BytesMut::new() }
    }

    pub(super) fn tls(stream: TlsStream<Transport>) -> Self {
        Self { inner: Inner::Tls(Box::new(stream)), unread: BytesMut::new() }
    }

    pub(super) fn wire(&self) -> &Rc<Wire> {
        self.transport().wire()
    }

    pub(super) fn transport(&self) -> &Transport {
        match &self.inner {
            Inner::Plain(transport) => transport,
            Inner::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Gives back what was read; it is read again before anything else.
    pub(super) fn unread(&mut self, bytes: BytesMut) {
        self.unread = bytes;
    }

    /// What was read and given back.
    pub(super) const fn unread_bytes(&self) -> &BytesMut {
        &self.unread
    }

    /// Whether there is nothing between HTTP and the socket.
    pub(super) const fn is_plain(&self) -> bool {
        matches!(self.inner, Inner::Plain(_))
    }

    /// The socket itself; nothing of a connection that is encrypted.
    pub(super) fn into_plain(self) -> Option<Transport> {
        match self.inner {
            Inner::Plain(transport) => Some(transport),
            Inner::Tls(_) => None,
        }
    }

    /// Reads and forgets until the peer closes.
    pub(super) async fn drain(&mut self) -> Result<()> {
        let mut some = [0; 512];
        while self.read(&mut some).await? > 0 {}
        Ok(())
    }

    /// As with what comes from the socket: a little at a time, and nothing while a request is handled or answers wait.
    fn poll_unread(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let wire = self.wire();
        if wire.is_cut() {
            return Poll::Ready(Err(Error::from(ErrorKind::ConnectionAborted)));
        }
        wire.served_by(context);
        if wire.write_waits() || wire.phase() == Phase::Handling {
            wire.put_off_read();
            return Poll::Pending;
        }
        let room = buffer.remaining().min(REQUESTS_READ_MAX_BYTES).min(self.unread.len());
        buffer.put_slice(&self.unread.split_to(room));
        if self.unread.is_empty() {
            self.unread = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

/// Hands a call to whichever stream it is.
macro_rules! forward {
    ($this:expr, $stream:ident => $call:expr) => {
        match &mut $this.get_mut().inner {
            Inner::Plain($stream) => $call,
            Inner::Tls($stream) => $call,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = self.get_mut();
        if !this.unread.is_empty() {
            return this.poll_unread(context, buffer);
        }
        let this = Pin::new(this);
        forward!(this, stream => Pin::new(stream).poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        forward!(self, stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        forward!(self, stream => Pin::new(stream).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.inner {
            Inner::Plain(stream) => stream.is_write_vectored(),
            Inner::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        forward!(self, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        forward!(self, stream => Pin::new(stream).poll_shutdown(context))
    }
}
