//! The groups of the description, in the order in which a client comes across them.

/// Logging in.
pub const LOGIN: &str = "Logging in";
/// Uploading.
pub const UPLOAD: &str = "Uploading";
/// An account's images.
pub const IMAGES: &str = "Images";
/// Sharing by links that expire.
pub const LINKS: &str = "Links";
/// What the URLs open.
pub const PICTURES: &str = "Pictures";
/// The account and its tokens.
pub const ACCOUNT: &str = "Account";
/// Tiers, for staff.
pub const ADMIN_TIERS: &str = "Admin: tiers";
/// Users, for staff.
pub const ADMIN_USERS: &str = "Admin: users";
/// Everybody's images, for staff.
pub const ADMIN_IMAGES: &str = "Admin: images";
/// Who changed what, for staff.
pub const ADMIN_AUDIT: &str = "Admin: audit log";
/// The service itself.
pub const SERVICE: &str = "Service";
