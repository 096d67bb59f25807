//! The admin panel under `/admin/`: pages for staff, made here and without script.
//!
//! A page is a file with its handlers, a template beside it in `templates/admin/`, and a line in [`routes`]. What pages
//! share are parts that they put together: the [`layout`] round each of them, a [`form`] with its fields, a [`list`] with
//! its search, filters, order and pages in the URL, a page that asks for [confirmation](confirm), and the [`message`]
//! that the next page shows after a change. The [`panel::Panel`] that every handler gets knows who is asking and answers
//! with pages and redirects.
//!
//! Only a session's cookie counts here, and only staff get in (see [`access`]). Forms carry no token: a request that
//! changes something is believed by what the browser says of where it comes from, as everywhere in the service (see
//! [`crate::auth::csrf`]). Changes are those of [`crate::db::Change`], so what a role may do is checked again where it is
//! done.

mod access;
mod chart;
mod confirm;
mod cursor;
mod error_page;
mod form;
mod history;
mod home;
mod images;
mod jobs;
mod keys;
mod layout;
mod links;
mod list;
mod login;
mod message;
mod panel;
mod posted;
pub(crate) mod routes;
mod selection;
mod sessions;
mod sweep;
pub(crate) mod table;
mod tiers;
mod tokens;
mod url;
mod users;

pub use message::Messages;
