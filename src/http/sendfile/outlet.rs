//! What passes between the body of an answer and the connection that it goes out on.

use std::{cell::RefCell, ops::Range, rc::Rc, sync::Arc};

use crate::storage::Object;

/// Takes one part of a file at a time. Its clones are one.
#[derive(Clone, Default)]
pub struct Outlet(Rc<RefCell<State>>);

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Sending(Part),
    /// No more is sent of the part; the file was sent up to here.
    Ended(u64),
}

/// A part of a file that is on its way.
pub(super) struct Part {
    /// Has a file.
    pub(super) object: Arc<dyn Object>,
    /// The bytes that are left.
    pub(super) left: Range<u64>,
}

impl Outlet {
    /// Takes a part, to be sent next.
    pub(super) fn take(&self, part: Part) {
        *self.0.borrow_mut() = State::Sending(part);
    }

    /// Up to where the file was sent, told once. `None` while a part is on its way.
    pub(super) fn ended(&self) -> Option<u64> {
        let mut state = self.0.borrow_mut();
        match *state {
            State::Ended(position) => {
                *state = State::Empty;
                Some(position)
            }
            _ => None,
        }
    }

    /// Lets go of what it has.
    pub(super) fn clear(&self) {
        *self.0.borrow_mut() = State::Empty;
    }

    /// Whether a part is on its way.
    pub(super) fn is_sending(&self) -> bool {
        matches!(*self.0.borrow(), State::Sending(_))
    }

    /// Sends of the part that is on its way; `None` if there is none.
    pub(super) fn send<T>(&self, send: impl FnOnce(&mut Part) -> T) -> Option<T> {
        match &mut *self.0.borrow_mut() {
            State::Sending(part) => Some(send(part)),
            _ => None,
        }
    }

    /// Ends the part that is on its way.
    pub(super) fn end(&self) {
        let mut state = self.0.borrow_mut();
        if let State::Sending(part) = &*state {
            *state = State::Ended(part.left.start);
        }
    }
}
