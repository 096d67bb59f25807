//! Follows what a client sends from head to head.

use bytes::{Bytes, BytesMut};

use super::{
    body::{Body, Malformed},
    head::HeadReader,
    refused::Refusal,
};

/// What a client has sent so far, and what of it is looked at.
#[derive(Debug, Default)]
pub struct Reader {
    /// What is not looked at yet.
    received: BytesMut,
    state: State,
}

#[derive(Debug)]
enum State {
    Head(HeadReader),
    Body(Body),
    /// The answer to a refusal is to come, nothing else.
    Refused,
    /// The body that was being read will not be whole.
    Broken,
}

impl Default for State {
    fn default() -> Self {
        Self::Head(HeadReader::default())
    }
}

/// What there is to hand on.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// These bytes.
    Bytes(Bytes),
    /// Nothing before more was received.
    More,
    /// Nothing ever again, while the last request is answered.
    Silence,
    /// The end, before it was to be expected.
    End,
}

impl Reader {
    /// Takes what was received.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    /// What to hand on next.
    pub fn next(&mut self) -> Next {
        match &mut self.state {
            State::Head(reader) => match reader.read(&mut self.received) {
                Ok(Some(head)) => {
                    self.state = State::after(head.body);
                    Next::Bytes(head.bytes)
                }
                Ok(None) => Next::More,
                Err(refusal) => self.refuse(refusal),
            },
            State::Body(_) if self.received.is_empty() => Next::More,
            State::Body(body) => match body.take(&self.received) {
                Ok(length) => {
                    self.state.follow();
                    Next::Bytes(self.received.split_to(length).freeze())
                }
                Err(Malformed) => {
                    self.state = State::Broken;
                    Next::End
                }
            },
            State::Refused => Next::Silence,
            State::Broken => Next::End,
        }
    }

    /// Whether what is received next belongs to a body: then it can go past this reader, for the most part.
    pub fn is_in_body(&self) -> bool {
        matches!(self.state, State::Body(_)) && self.received.is_empty()
    }

    /// How many of these bytes go on as the body's; what is behind them is received. Only while [`Reader::is_in_body`].
    pub fn pass(&mut self, bytes: &[u8]) -> usize {
        let State::Body(body) = &mut self.state else {
            self.receive(bytes);
            return 0;
        };
        let Ok(length) = body.take(bytes) else {
            self.state = State::Broken;
            return 0;
        };
        self.state.follow();
        self.receive(&bytes[length..]);
        length
    }

    /// Whether a part of a head is there.
    pub fn has_begun(&self) -> bool {
        matches!(self.state, State::Head(_)) && !self.received.is_empty()
    }

    /// Refuses what is there of a head.
    pub fn refuse(&mut self, refusal: Refusal) -> Next {
        let request = refusal.request(&self.received);
        self.received = BytesMut::new();
        self.state = State::Refused;
        Next::Bytes(request)
    }

    /// Whether the client may still be sending what nobody reads.
    pub fn has_given_up(&self) -> bool {
        matches!(self.state, State::Refused | State::Broken)
    }
}

impl State {
    /// What comes behind a head.
    fn after(body: Body) -> Self {
        match body.is_over() {
            true => Self::default(),
            false => Self::Body(body),
        }
    }

    /// Goes on to the next head where the body has ended.
    fn follow(&mut self) {
        if matches!(self, Self::Body(body) if body.is_over()) {
            *self = Self::default();
        }
    }
}
