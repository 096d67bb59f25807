//! The body of an answer that is a file.

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

use super::outlet::{Outlet, Part};
use crate::storage::Object;

/// Bytes of one part: with several connections, each gets its turn after as many.
const PART: u64 = 1 << 20;

/// Bytes that are read in one go where they cannot be sent: enough to find the rest in memory, read ahead by the system.
const READING: u64 = 256 * 1024;

/// Some bytes of a file. Its length is for the answer's head to tell: actix counts the bytes of bodies that tell it.
pub struct FileBody {
    object: Arc<dyn Object>,
    outlet: Outlet,
    left: Range<u64>,
    doing: Doing,
    /// `sendfile` did not send all that it was given.
    has_failed: bool,
}

enum Doing {
    Nothing,
    /// The bytes up to here are being sent.
    Sending(u64),
    Reading(BoxStream<'static, io::Result<Bytes>>),
}

impl FileBody {
    /// These bytes of an object, on this connection.
    pub fn new(object: Arc<dyn Object>, bytes: Range<u64>, outlet: Outlet) -> Self {
        Self {
            object,
            outlet,
            left: bytes,
            doing: Doing::Nothing,
            has_failed: false,
        }
    }

    /// Begins to send or to read what comes next.
    fn go_on(&self) -> Doing {
        let Range { start, end } = self.left;
        let in_memory = match self.has_failed {
            true => 0,
            false => self.object.in_memory(start..end.min(start + PART)),
        };
        if in_memory == 0 {
            let part = start..end.min(start + READING);
            return Doing::Reading(self.object.clone().read(part));
        }
        let part = start..start + in_memory;
        let end = part.end;
        self.outlet.take(Part {
            object: self.object.clone(),
            left: part,
        });
        Doing::Sending(end)
    }
}

impl MessageBody for FileBody {
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
            match &mut this.doing {
                Doing::Nothing if this.left.is_empty() => return Poll::Ready(None),
                Doing::Nothing => this.doing = this.go_on(),
                Doing::Sending(end) => {
                    // The connection wakes the task when it is out.
                    let Some(sent) = this.outlet.ended() else {
                        return Poll::Pending;
                    };
                    this.has_failed = sent != *end;
                    this.left.start = sent;
                    this.doing = Doing::Nothing;
                }
                Doing::Reading(bytes) => match ready!(bytes.poll_next_unpin(context)) {
                    Some(Ok(bytes)) => {
                        this.left.start += bytes.len() as u64;
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => this.doing = Doing::Nothing,
                },
            }
        }
    }
}

impl Drop for FileBody {
    fn drop(&mut self) {
        if matches!(self.doing, Doing::Sending(_)) {
            self.outlet.clear();
        }
    }
}
