//! A message with its span.

use actix::Message;
use tracing::{Span, span::EnteredSpan};

use crate::telemetry::spans;

/// A message on its way to an actor, and the span that ends when it has been answered.
pub(super) struct Traced<M> {
    message: M,
    span: Span,
}

impl<M> Traced<M> {
    /// To an actor of this name, as part of what goes on here.
    pub(super) fn to(actor: &'static str, message: M) -> Self {
        Self {
            message,
            span: spans::message::<M>(actor),
        }
    }

    /// What happens on this thread from now on is part of the span.
    pub(super) fn enter(self) -> (M, EnteredSpan) {
        (self.message, self.span.entered())
    }
}

impl<M: Message> Message for Traced<M> {
    type Result = M::Result;
}
