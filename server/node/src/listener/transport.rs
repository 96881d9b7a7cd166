//! An accepted connection, as the HTTP server reads and writes it.

use crate::diagnostics::Ends;
use crate::listener::options;
use crate::listener::watchdog::Phase;
use crate::listener::wire::{Life, Wire};
use actix_web::rt::net::TcpStream;
use evidence::egress::Tally;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

protocol::limits! {
    /// Most bytes that are read of requests at a time; what follows is read when those were handled.
    pub(crate) const REQUESTS_READ_MAX_BYTES: usize = 2 * 1024 => unseen;
}

/// A socket whose bytes out are counted, and that ends when its [`Wire`] is cut.
#[derive(Debug)]
pub(crate) struct Transport {
    stream: TcpStream,
    life: Life,
    /// Something was read, and others have not had their turn since.
    has_read: bool,
}

impl Transport {
    pub(super) fn new(stream: TcpStream, tally: Tally) -> Self {
        let ends = stream.local_addr().ok().zip(stream.peer_addr().ok());
        let ends = ends.and_then(|(local, peer)| Ends::new(local, peer));
        Self { stream, life: Life::new(Wire::new(ends, tally)), has_read: false }
    }

    pub(super) const fn wire(&self) -> &Rc<Wire> {
        self.life.wire()
    }

    /// The socket itself, for a driver of its own; it is nobody's here any more.
    pub(super) fn into_parts(self) -> Result<(std::net::TcpStream, Life)> {
        Ok((self.stream.into_std()?, self.life))
    }

    /// Sets what a connection has that is served; one that is refused does without.
    pub(super) fn set_options(&self) {
        options::set(&self.stream);
    }

    fn check(&self, context: &Context<'_>) -> Result<()> {
        if self.wire().is_cut() {
            options::forget_unsent(&self.stream);
            return Err(Error::from(ErrorKind::ConnectionAborted));
        }
        self.wire().served_by(context);
        Ok(())
    }

    /// A little at a time, and nothing while a request is handled or answers wait: the HTTP server makes requests of all that it can read, and
    /// keeps each in memory until it is answered.
    fn poll_read_requests(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if self.wire().write_waits() || self.wire().phase() == Phase::Handling {
            self.wire().put_off_read();
            return Poll::Pending;
        }
        if std::mem::take(&mut self.has_read) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let room = buffer.remaining().min(REQUESTS_READ_MAX_BYTES);
        let mut some = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut some))?;
        let bytes = some.filled().len();
        buffer.advance(bytes);
        self.wire().count_read(bytes);
        self.has_read = bytes > 0;
        Poll::Ready(Ok(()))
    }

    fn count(&self, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        match &written {
            Poll::Pending => self.wire().count_written(None),
            Poll::Ready(Ok(bytes)) => self.wire().count_written(Some(*bytes)),
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        self.check(context)?;
        match self.wire().phase() {
            Phase::Upgraded => Pin::new(&mut self.stream).poll_read(context, buffer),
            Phase::Requests | Phase::Handling => self.poll_read_requests(context, buffer),
            // Whatever comes is not answered.
            Phase::LastAnswer => Poll::Pending,
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.check(context)?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.check(context)?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::egress::{Bounds, Ledger};
    use protocol::Timestamp;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// More turns than a task needs that has all it wants.
    async fn let_others_run() {
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    }

    #[actix_web::test]
    async fn what_follows_a_request_is_read_when_that_was_handled() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let ledger = Ledger::new(Bounds::default(), Timestamp::from_millis(0));
        let mut transport = Transport::new(server, Tally::new(Arc::new(ledger)));
        let wire = Rc::clone(transport.wire());
        client.write_all(b"first second").await.unwrap();
        let mut first = [0; 6];
        transport.read_exact(&mut first).await.unwrap();

        wire.enter(Phase::Handling);
        let second = actix_web::rt::spawn(async move {
            let mut bytes = [0; 64];
            transport.read(&mut bytes).await.unwrap()
        });
        let_others_run().await;
        assert!(!second.is_finished());
        wire.enter(Phase::Requests);
        let_others_run().await;
        assert!(second.is_finished());
        assert_eq!(second.await.unwrap(), 6);
    }
}
