//! The account that the server runs under.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use nix::unistd::{Uid, User, geteuid};

use super::error::EmbeddedError;

/// Another account than our own, for the server only: PostgreSQL refuses to run as root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Who runs the server whose folder is `home`; `None` is this process's own account.
    ///
    /// As root: whoever owns the folder already, so that root can type commands on the service of
    /// another user; else `postgres`, else `nobody`.
    pub(super) fn of_server(home: &Path) -> Result<Option<Self>, EmbeddedError> {
        let owner = fs::metadata(home).ok();
        if !geteuid().is_root() {
            return match owner {
                Some(owner) if owner.uid() != geteuid().as_raw() => Err(EmbeddedError::NotOurs {
                    path: home.to_owned(),
                    owner: name_of(owner.uid()),
                    account: name_of(geteuid().as_raw()),
                }),
                _ => Ok(None),
            };
        }
        if let Some(owner) = owner.filter(|owner| owner.uid() != 0) {
            return Ok(Some(Self {
                name: name_of(owner.uid()),
                uid: owner.uid(),
                gid: owner.gid(),
            }));
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self {
                name: user.name,
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
            })
            .ok_or(EmbeddedError::NoAccount)
            .map(Some)
    }
}

/// Fails if the cluster belongs to somebody else than the one who runs its server, as after root has restored it.
pub(super) fn require_owner(
    cluster: &Path,
    account: Option<&Account>,
) -> Result<(), EmbeddedError> {
    let Ok(found) = fs::metadata(cluster) else {
        return Ok(());
    };
    let uid = account.map_or_else(|| geteuid().as_raw(), |account| account.uid);
    if found.uid() != uid {
        return Err(EmbeddedError::NotOurs {
            path: cluster.to_owned(),
            owner: name_of(found.uid()),
            account: name_of(uid),
        });
    }
    // PostgreSQL refuses a folder that others can enter, and a copy often lost that.
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(cluster, Permissions::from_mode(0o700))
            .map_err(EmbeddedError::io("close to others", cluster))?;
    }
    Ok(())
}

fn name_of(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}
