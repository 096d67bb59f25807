//! The three actors and their addresses.
//!
//! Handlers know the handles of this module, not the actors: a handle sends the message, awaits the answer
//! inside the request, and turns an actor that is gone into an ordinary error.

mod db;
mod link_signer;
mod thumbnail;
mod traced;

pub use db::Db;
pub use link_signer::{CannotSign, LinkSigner, SignedLink};
pub use thumbnail::{
    Admission, Load, Overloaded, Permit, RenderError, RenderJob, Thumbnailer, background_threads,
};
