//! The body of an answer that is large.

use std::{
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};

use super::outlet::{Outlet, Part, Source};
use crate::storage::Object;

/// Bytes of one part: with several connections, each gets its turn after as many.
const PART: u64 = 1 << 20;

/// Bytes of a file that are read in one go where they cannot be sent: enough to find the rest in memory, read ahead by the system.
const READING: u64 = 256 * 1024;

/// Bytes of a piece that was read from which on it pays to send it from where it lies: actix copies what it is given.
const WORTH_IT: usize = 16 * 1024;

/// Some bytes of an object. Their number is for the answer's head to tell: actix counts the bytes of bodies that tell it.
pub struct ObjectBody {
    object: Arc<dyn Object>,
    outlet: Outlet,
    left: Range<u64>,
    /// What is on its way.
    sending: Option<Sending>,
    reading: Option<BoxStream<'static, io::Result<Bytes>>>,
    /// `sendfile` did not send all that it was given.
    has_failed: bool,
}

enum Sending {
    /// The file up to here.
    File(u64),
    Memory(Bytes),
}

impl ObjectBody {
    /// These bytes of an object, on this connection.
    pub fn new(object: Arc<dyn Object>, bytes: Range<u64>, outlet: Outlet) -> Self {
        Self {
            object,
            outlet,
            left: bytes,
            sending: None,
            reading: None,
            has_failed: false,
        }
    }

    /// Begins to send or to read what comes next.
    fn go_on(&mut self) {
        let Range { start, end } = self.left;
        let is_file = self.object.file().is_some() && !self.has_failed;
        let in_memory = match is_file {
            true => self.object.in_memory(start..end.min(start + PART)),
            false => 0,
        };
        if in_memory > 0 {
            let end = start + in_memory;
            self.sending = Some(Sending::File(end));
            self.outlet.take(Part {
                source: Source::File(self.object.clone()),
                left: start..end,
            });
            return;
        }
        // Of a file, what lies behind may be in memory then.
        let part = match is_file {
            true => start..end.min(start + READING),
            false => start..end,
        };
        self.reading = Some(self.object.clone().read(part));
    }

    /// Sends a piece that was read; gives it back if it is for actix to send.
    fn send(&mut self, piece: Bytes) -> Option<Bytes> {
        self.left.start += piece.len() as u64;
        if piece.len() < WORTH_IT {
            return Some(piece);
        }
        self.outlet.take(Part {
            source: Source::Memory(piece.clone()),
            left: 0..piece.len() as u64,
        });
        self.sending = Some(Sending::Memory(piece));
        None
    }

    /// Goes on behind what was sent up to here; gives back what is left of a piece.
    fn sent(&mut self, sending: Sending, position: u64) -> Option<Bytes> {
        match sending {
            Sending::File(end) => {
                self.has_failed |= position != end;
                self.left.start = position;
                None
            }
            Sending::Memory(piece) => {
                // It was sent up to there, no further than its end.
                let rest = piece.slice(position as usize..);
                (!rest.is_empty()).then_some(rest)
            }
        }
    }
}

impl MessageBody for ObjectBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        let this = self.get_mut();
        loop {
            let for_actix = if let Some(sending) = this.sending.take() {
                let Some(position) = this.outlet.ended() else {
                    // The connection wakes the task when it is out.
                    this.sending = Some(sending);
                    return Poll::Pending;
                };
                this.sent(sending, position)
            } else if let Some(reading) = &mut this.reading {
                match ready!(reading.poll_next_unpin(context)) {
                    Some(Ok(piece)) => this.send(piece),
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => {
                        this.reading = None;
                        None
                    }
                }
            } else if this.left.is_empty() {
                return Poll::Ready(None);
            } else {
                this.go_on();
                None
            };
            if let Some(piece) = for_actix {
                return Poll::Ready(Some(Ok(piece)));
            }
        }
    }
}

impl Drop for ObjectBody {
    fn drop(&mut self) {
        if self.sending.is_some() {
            self.outlet.clear();
        }
    }
}
