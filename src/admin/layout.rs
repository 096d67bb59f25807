//! What stands round every page: navigation, where one is, messages, who is logged in.

use super::message::Message;
use crate::domain::{staff::StaffRole, user::User};

/// The panel's front page.
pub const HOME: &str = "/admin/";

/// The panel's sections, in the order of the navigation: what they are called and where they begin.
const SECTIONS: [(&str, &str); 9] = [
    ("Tiers", "/admin/tiers/"),
    ("Users", "/admin/users/"),
    ("Images", "/admin/images/"),
    ("Links", "/admin/links/"),
    ("API tokens", "/admin/tokens/"),
    ("Sessions", "/admin/sessions/"),
    ("Keys", "/admin/keys/"),
    ("Jobs", "/admin/jobs/"),
    ("History", "/admin/history/"),
];

/// The frame of a page.
pub struct Layout {
    /// The page's heading, and the last of where one is.
    pub title: String,
    /// The pages above this one, the front page aside.
    pub crumbs: Vec<Crumb>,
    /// What to say above the page.
    pub messages: Vec<Message>,
    /// Who is logged in; without anybody there is no navigation.
    pub user: Option<LoggedIn>,
    /// The path of the page.
    pub path: String,
    /// Whether there is something wrong with what was sent: it is then said in the window's title first.
    pub failed: bool,
    /// Whether a browser without script is to load the page again after some seconds.
    pub refreshes: bool,
}

/// Who is logged in.
pub struct LoggedIn {
    /// The name.
    pub username: String,
    /// What the user may do.
    pub role: StaffRole,
}

/// A page above the one that is shown.
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it is.
    pub href: String,
}

/// An entry of the navigation.
pub struct Section {
    /// What it is called.
    pub label: &'static str,
    /// Where it begins.
    pub href: &'static str,
    /// Whether the page shown is in it.
    pub current: bool,
}

impl Layout {
    /// A page of this path for this user, who is shown as logged in only if of the staff.
    pub fn new(title: impl Into<String>, path: &str, user: Option<&User>) -> Self {
        let logged_in = |user: &User| {
            user.role.map(|role| LoggedIn {
                username: user.username.to_string(),
                role,
            })
        };
        Self {
            title: title.into(),
            crumbs: Vec::new(),
            messages: Vec::new(),
            user: user.and_then(logged_in),
            path: path.to_owned(),
            failed: false,
            refreshes: false,
        }
    }

    /// Below another page.
    pub fn below(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            label: label.into(),
            href: href.into(),
        });
        self
    }

    /// With something wrong.
    pub fn failed(mut self, failed: bool) -> Self {
        self.failed = failed;
        self
    }

    /// The navigation.
    pub fn sections(&self) -> Vec<Section> {
        let path = format!("{}/", self.path.trim_end_matches('/'));
        SECTIONS
            .map(|(label, href)| Section {
                label,
                href,
                current: path.starts_with(href),
            })
            .into()
    }

    /// Whether this is the front page.
    pub fn is_home(&self) -> bool {
        self.path.trim_end_matches('/') == HOME.trim_end_matches('/')
    }
}
