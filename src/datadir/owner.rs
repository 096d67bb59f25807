//! Whose a data directory is. Root is no trap: what root does on somebody else's is done as that user, so that no file is
//! made there which the service cannot use.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Uid, User, geteuid, setgid, setuid};
use rustix::fs::{Access, access};

/// As root on a data directory that belongs to another user, becomes that user for good, and returns the name. To be called
/// before anything is opened, and before there are threads.
pub fn become_owner(data_dir: &Path) -> io::Result<Option<String>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let Some((uid, gid)) = owner_of_nearest(data_dir) else {
        return Ok(None);
    };
    // Users of containers often have no account.
    let user = User::from_uid(uid)?;
    let (name, gid) = user.map_or_else(|| (uid.to_string(), gid), |user| (user.name, user.gid));
    leave_groups_of_root(&name, gid)?;
    setgid(gid)?;
    setuid(uid)?;
    Ok(Some(name))
}

#[cfg(not(target_vendor = "apple"))]
fn leave_groups_of_root(user: &str, gid: Gid) -> io::Result<()> {
    let user = std::ffi::CString::new(user)?;
    Ok(nix::unistd::initgroups(&user, gid)?)
}

/// macOS keeps the groups by the user.
#[cfg(target_vendor = "apple")]
fn leave_groups_of_root(_: &str, _: Gid) -> io::Result<()> {
    Ok(())
}

/// The owner of a folder, or of the nearest one above that is there, and the folder's group; `None` if that is root.
fn owner_of_nearest(path: &Path) -> Option<(Uid, Gid)> {
    let path = std::path::absolute(path).ok()?;
    let nearest = path.ancestors().find_map(|path| fs::metadata(path).ok())?;
    let owner = Uid::from_raw(nearest.uid());
    (!owner.is_root()).then(|| (owner, Gid::from_raw(nearest.gid())))
}

/// Says of a file or folder that may not be used whose it is, and what mends that; of other errors nothing more than they
/// say themselves.
pub fn explain(path: &Path, error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return error;
    }
    match barrier(path) {
        Some((barrier, owner)) => {
            let is_above = barrier != path && !path.exists();
            let (barrier, us) = (barrier.display(), name_of(geteuid()));
            let owner = name_of(owner);
            let mending = if is_above {
                // Nothing above our own folder is to be given away.
                let path = path.display();
                format!(
                    "it belongs to {owner}, tierpix runs as {us}; as root, `install -d -m 700 -o {us} {path}` makes the folder {path}"
                )
            } else if path.parent().is_none() {
                format!("it belongs to {owner}, tierpix runs as {us}: name another folder")
            } else if owner == us {
                format!("`chmod -R u+rwX {barrier}` mends that")
            } else {
                format!(
                    "it belongs to {owner}, tierpix runs as {us}; `chown -R {us}: {barrier}` mends that"
                )
            };
            io::Error::new(error.kind(), format!("{barrier}: {error}: {mending}"))
        }
        None => error,
    }
}

/// The first file or folder on the way to this one that keeps us from using it.
fn barrier(path: &Path) -> Option<(PathBuf, Uid)> {
    let mut ancestors: Vec<&Path> = path.ancestors().collect();
    ancestors.reverse();
    let mut steps = ancestors
        .into_iter()
        .map_while(|step| Some((step, fs::metadata(step).ok()?)))
        .peekable();
    while let Some((step, found)) = steps.next() {
        let needed = match (steps.peek(), found.is_dir()) {
            (Some(_), _) => Access::EXEC_OK,
            (None, true) => Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
            (None, false) => Access::READ_OK,
        };
        if access(step, needed).is_err() {
            return Some((step.to_owned(), Uid::from_raw(found.uid())));
        }
    }
    None
}

/// Whether files can be made and read in a folder.
pub fn is_usable(folder: &Path) -> bool {
    let needed = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    access(folder, needed).is_ok()
}

fn name_of(uid: Uid) -> String {
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_may_not_be_used_is_told_with_its_owner_and_what_mends_it() {
        if geteuid().is_root() {
            // Root may use everything: tests/cli/root.rs asks as another user.
            return;
        }
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("closed");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
        let error = fs::write(folder.join("file"), "").unwrap_err();
        let told = explain(&folder.join("file"), error).to_string();
        assert!(
            told.contains(&format!("chmod -R u+rwX {}", folder.display())),
            "{told}"
        );
    }

    #[test]
    fn other_errors_say_no_more_than_they_do() {
        let missing = fs::read("/nowhere").unwrap_err();
        let text = missing.to_string();
        assert_eq!(explain(Path::new("/nowhere"), missing).to_string(), text);
    }
}
