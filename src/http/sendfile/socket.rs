//! The connection below actix, which sends files besides what it is told to write.

use std::{
    fs::File,
    io,
    ops::Range,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::{TcpStream, UnixStream};
use prometheus_client::metrics::counter::Counter;
use rustix::net::{SendFlags, send};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio_util::either::Either;

use super::outlet::{Outlet, Part};

/// What a client is connected by.
pub type Stream = Either<TcpStream, UnixStream>;

/// A connection and its outlet.
pub struct Socket {
    stream: Stream,
    outlet: Outlet,
    /// Bytes of files that were sent.
    sent: Counter,
}

impl Socket {
    /// With an outlet of its own; `sent` counts the bytes of files.
    pub fn new(stream: Stream, sent: Counter) -> Self {
        Self {
            stream,
            outlet: Outlet::default(),
            sent,
        }
    }

    /// Where the bodies of its answers hand in their files.
    pub fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    /// Sends what is left of a part; ready when no more of it can be sent, be it because all of it is out.
    fn poll_part(&self, context: &mut Context<'_>, part: &mut Part) -> Poll<()> {
        let Some(file) = part.object.file() else {
            return Poll::Ready(());
        };
        while !part.left.is_empty() {
            let send = |socket: BorrowedFd<'_>| send_file(socket, file, &part.left);
            match ready!(self.poll_now(context, send)) {
                // The file has become shorter.
                Ok(0) | Err(_) => break,
                Ok(bytes) => {
                    part.left.start += bytes;
                    self.sent.inc_by(bytes);
                }
            }
        }
        Poll::Ready(())
    }

    /// Does something with the stream that may have to wait until it takes more bytes.
    fn poll_now<T>(
        &self,
        context: &mut Context<'_>,
        attempt: impl Fn(BorrowedFd<'_>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            let tried = match &self.stream {
                Either::Left(stream) => {
                    ready!(stream.poll_write_ready(context))?;
                    stream.try_io(Interest::WRITABLE, || attempt(stream.as_fd()))
                }
                Either::Right(stream) => {
                    ready!(stream.poll_write_ready(context))?;
                    stream.try_io(Interest::WRITABLE, || attempt(stream.as_fd()))
                }
            };
            match tried {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                tried => return Poll::Ready(tried),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.outlet.is_sending() {
            // The head of the file: both fit into one packet.
            return self.poll_now(context, |socket| send_before_more(socket, bytes));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        let sent = self.outlet.send(|part| self.poll_part(context, part));
        if let Some(sent) = sent {
            ready!(sent);
            self.outlet.end();
            // actix asks the body only when it is woken.
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(target_os = "linux")]
fn send_file(socket: BorrowedFd<'_>, file: &File, bytes: &Range<u64>) -> io::Result<u64> {
    let mut position = bytes.start;
    let length = usize::try_from(bytes.end - bytes.start).unwrap_or(usize::MAX);
    let sent = rustix::fs::sendfile(socket, file, Some(&mut position), length)?;
    Ok(sent as u64)
}

/// Elsewhere no part comes here: which bytes are in memory is not known.
#[cfg(not(target_os = "linux"))]
fn send_file(_: BorrowedFd<'_>, _: &File, _: &Range<u64>) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn send_before_more(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    Ok(send(socket, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

#[cfg(not(target_os = "linux"))]
fn send_before_more(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    Ok(send(socket, bytes, SendFlags::empty())?)
}
