//! Large files leave by `sendfile`: the system copies their bytes to the network without handing them to this program.
//!
//! actix writes bodies itself, from memory. Around that:
//!
//! - A [`FileBody`] hands a part of its file to the [`Outlet`] of its connection and stays pending until that part is out: a body
//!   that has ended lets the next answer's head onto the connection.
//! - The [`Socket`] below actix finds it there when it is told to flush, which actix does after it has written the answer's
//!   head, and wakes the task when the part is out.
//!
//! A part is no longer than what the system has in memory: a page that it would have to fetch from a disk would block this
//! thread. Those are read by another thread, as always, and handed to actix. So is what is left of a file when `sendfile`
//! fails, whatever the reason: that shows then in the usual way.

mod body;
mod outlet;
mod socket;
#[cfg(test)]
mod tests;

pub use body::FileBody;
pub use outlet::Outlet;
pub use socket::{Socket, Stream};
