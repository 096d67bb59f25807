//! The connection below actix, which sends files besides what it is told to write.

use std::{
    fs::File,
    io,
    ops::Range,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_web::rt::net::{TcpStream, UnixStream};
use prometheus_client::metrics::counter::Counter;
use rustix::net::{SendFlags, send};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio_util::either::Either;

use super::outlet::{Outlet, Part, Source};
use crate::storage::Object;

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
        while !part.left.is_empty() {
            let sent = match &part.source {
                Source::File(object) => ready!(self.poll_file(context, object, &part.left)),
                Source::Memory(bytes) => {
                    // They lie within what is in memory.
                    let left = part.left.start as usize..part.left.end as usize;
                    ready!(
                        self.poll_now(context, |socket| send_bytes(socket, &bytes[left.clone()]))
                    )
                }
            };
            match sent {
                // The file has become shorter.
                Ok(0) | Err(_) => break,
                Ok(bytes) => part.left.start += bytes as u64,
            }
        }
        Poll::Ready(())
    }

    /// Sends some bytes of a file.
    fn poll_file(
        &self,
        context: &mut Context<'_>,
        object: &Arc<dyn Object>,
        bytes: &Range<u64>,
    ) -> Poll<io::Result<usize>> {
        let Some(file) = object.file() else {
            return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
        };
        let sent = ready!(self.poll_now(context, |socket| send_file(socket, file, bytes)))?;
        self.sent.inc_by(sent as u64);
        Poll::Ready(Ok(sent))
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
            // The head of the body: both fit into one packet.
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
fn send_file(socket: BorrowedFd<'_>, file: &File, bytes: &Range<u64>) -> io::Result<usize> {
    let mut position = bytes.start;
    let length = usize::try_from(bytes.end - bytes.start).unwrap_or(usize::MAX);
    Ok(rustix::fs::sendfile(
        socket,
        file,
        Some(&mut position),
        length,
    )?)
}

/// Elsewhere no part comes here: which bytes are in memory is not known.
#[cfg(not(target_os = "linux"))]
fn send_file(_: BorrowedFd<'_>, _: &File, _: &Range<u64>) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn send_before_more(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    Ok(send(socket, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

#[cfg(target_os = "linux")]
fn send_bytes(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    Ok(send(socket, bytes, SendFlags::NOSIGNAL)?)
}

/// Elsewhere it does not matter how the bytes are cut, and there is no signal that is not ignored.
#[cfg(not(target_os = "linux"))]
fn send_before_more(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    send_bytes(socket, bytes)
}

#[cfg(not(target_os = "linux"))]
fn send_bytes(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<usize> {
    Ok(send(socket, bytes, SendFlags::empty())?)
}
