//! An accepted connection, as the HTTP server reads and writes it.

use crate::listener::options;
use crate::listener::wire::{Ends, Wire};
use actix_web::rt::net::TcpStream;
use evidence::egress::Tally;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket whose bytes out are counted, and that ends when its [`Wire`] is cut.
#[derive(Debug)]
pub(crate) struct Transport {
    stream: TcpStream,
    wire: Rc<Wire>,
}

impl Transport {
    pub(super) fn new(stream: TcpStream, tally: Tally) -> Self {
        options::set(&stream);
        let ends = stream.local_addr().and_then(|local| Ok(Ends { local, peer: stream.peer_addr()? })).ok();
        Self { stream, wire: Rc::new(Wire::new(ends, tally)) }
    }

    pub(super) const fn wire(&self) -> &Rc<Wire> {
        &self.wire
    }

    fn check(&self, context: &Context<'_>) -> Result<()> {
        if self.wire.is_cut() {
            return Err(Error::from(ErrorKind::ConnectionAborted));
        }
        self.wire.served_by(context);
        Ok(())
    }

    fn count(&self, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        match &written {
            Poll::Pending => self.wire.count_written(None),
            Poll::Ready(Ok(bytes)) => self.wire.count_written(Some(*bytes)),
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
        Pin::new(&mut self.stream).poll_read(context, buffer)
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

impl Drop for Transport {
    fn drop(&mut self) {
        if self.wire.is_cut() {
            options::forget_unsent(&self.stream);
        }
        self.wire.has_gone();
    }
}
