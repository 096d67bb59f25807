//! What stands between the socket and actix: it looks at the head of each request before actix does.
//!
//! actix answers a head that it cannot read without a body, logs an error and asks no middleware. Therefore it gets none: what
//! it is handed is either right, or in its place a request that [`refused`] knows and answers as every other one. To know
//! where the next head begins the bodies are followed too; what ends them is read as actix reads it, or more strictly.
//!
//! What actix does not do gets done here as well: bytes that a URL should have encoded are encoded, and a head has to arrive
//! in time on a connection that was kept, too.

mod body;
mod head;
mod reader;
pub mod refused;
mod target;
#[cfg(test)]
mod tests;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::rt::time::{Sleep, sleep};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use reader::{Next, Reader};
use refused::Refusal;

/// How long a head may take from its first byte on.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// How long a client is listened to that is no longer answered: bytes that nobody reads would reset the connection, and the
/// answer with it.
const LINGER: Duration = Duration::from_secs(2);

/// What shows actix that a head has begun to arrive, so that it does not take the connection for idle. An empty line in front
/// of a head means nothing (RFC 9112, section 2.2).
const SIGN_OF_LIFE: &[u8] = b"\r\n";

/// A connection of a client.
pub struct Connection<S> {
    stream: S,
    reader: Reader,
    /// What actix gets next.
    ready: Bytes,
    /// How long it may be silent before the first request. Later on that is up to actix.
    idle: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
    has_said_goodbye: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that may be silent for so long.
    pub fn new(stream: S, idle: Duration) -> Self {
        Self {
            stream,
            reader: Reader::default(),
            ready: Bytes::new(),
            idle: Some(idle),
            timer: None,
            has_said_goodbye: false,
        }
    }

    /// What it reads from and writes to.
    pub fn stream(&self) -> &S {
        &self.stream
    }

    /// Reads bytes of a body to where they are wanted.
    fn poll_body(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let length = self.reader.pass(&buffer.filled()[before..]);
        buffer.set_filled(before + length);
        Poll::Ready(Ok(()))
    }

    /// Reads more of a head. `false` if there is no more.
    fn poll_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<bool>> {
        // The space for what is wanted serves for the moment.
        let before = buffer.filled().len();
        let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) else {
            ready!(self.poll_patience(context));
            if !self.reader.has_begun() {
                return Poll::Ready(Ok(false));
            }
            if let Next::Bytes(request) = self.reader.refuse(Refusal::TooSlow) {
                self.ready = request;
            }
            return Poll::Ready(Ok(true));
        };
        read?;
        let bytes = &buffer.filled()[before..];
        let is_more = !bytes.is_empty();
        if is_more && !self.reader.has_begun() {
            self.timer = None;
            if self.idle.take().is_none() {
                self.ready = Bytes::from_static(SIGN_OF_LIFE);
            }
        }
        self.reader.receive(bytes);
        buffer.set_filled(before);
        Poll::Ready(Ok(is_more))
    }

    /// Ready when a head has taken too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let patience = match self.reader.has_begun() {
            true => Some(HEAD_PATIENCE),
            false => self.idle,
        };
        match patience {
            Some(patience) => self.poll_timer(context, patience),
            None => Poll::Pending,
        }
    }

    /// Reads until the client closes, for a while.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut space = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.poll_timer(context, LINGER),
            }
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>, time: Duration) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(time)));
        timer.as_mut().poll(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.ready.is_empty() {
                let length = this.ready.len().min(buffer.remaining());
                buffer.put_slice(&this.ready.split_to(length));
                return Poll::Ready(Ok(()));
            }
            if this.reader.is_in_body() {
                return this.poll_body(context, buffer);
            }
            match this.reader.next() {
                Next::Bytes(bytes) => {
                    this.timer = None;
                    this.ready = bytes;
                }
                Next::More => {
                    if !ready!(this.poll_head(context, buffer))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Next::Silence => return Poll::Pending,
                Next::End => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.has_said_goodbye {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.has_said_goodbye = true;
            this.timer = None;
        }
        if this.reader.has_given_up() {
            ready!(this.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
