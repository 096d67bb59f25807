//! Finds PostgreSQL's programs on this machine.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::EmbeddedError;

/// The oldest major version that the service's queries are written for.
pub(super) const OLDEST: u32 = 14;

/// One installation of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    /// The folder of `postgres` and `initdb`: absolute.
    pub(super) bin: PathBuf,
    /// The major version.
    pub(super) major: u32,
}

impl Programs {
    /// The installation to use: in `pg_bin` and nowhere else if that is given; else on `PATH`, else
    /// where the packages of Debian, Homebrew and RHEL put them, the newest first.
    ///
    /// `wanted` is the major version that made the cluster; none if there is no cluster yet.
    pub(super) fn find(
        pg_bin: Option<&Path>,
        cluster: Option<(&Path, u32)>,
    ) -> Result<Self, EmbeddedError> {
        let folders = match pg_bin {
            Some(dir) => {
                vec![installed_in(dir).ok_or_else(|| EmbeddedError::NoProgramsIn(dir.to_owned()))?]
            }
            None => candidates(std::env::var_os("PATH").as_deref(), Path::new("/")),
        };
        choose(folders.into_iter().filter_map(Self::ask), cluster)
    }

    /// Asks an installation for its version; `None` if it does not run here.
    fn ask(bin: PathBuf) -> Option<Self> {
        let major = ask_version(&bin.join("postgres"))?;
        Some(Self { bin, major })
    }
}

/// PostgreSQL's programs for clients: `pg_dump`, `pg_restore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Their folder.
    pub bin: PathBuf,
    /// Their major version.
    pub major: u32,
}

/// Every installation that has them: in `pg_bin` and nowhere else if that is given and has them.
pub fn find_clients(pg_bin: Option<&Path>) -> Vec<Client> {
    let ask = |bin: PathBuf| {
        let major = ask_version(&bin.join("pg_dump"))?;
        bin.join("pg_restore")
            .exists()
            .then_some(Client { bin, major })
    };
    if let Some(named) = pg_bin.and_then(|bin| ask(bin.to_owned())) {
        return vec![named];
    }
    let path = std::env::var_os("PATH");
    let folders = folders(path.as_deref(), Path::new("/"));
    folders.into_iter().filter_map(ask).collect()
}

/// The major version of a program; `None` if it does not run here.
fn ask_version(program: &Path) -> Option<u32> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    major_version(&String::from_utf8_lossy(&output.stdout))
}

fn choose(
    found: impl Iterator<Item = Programs>,
    cluster: Option<(&Path, u32)>,
) -> Result<Programs, EmbeddedError> {
    let mut best: Option<Programs> = None;
    for programs in found {
        let fits = match cluster {
            Some((_, wanted)) => programs.major == wanted,
            None => programs.major >= OLDEST,
        };
        if fits && programs.major >= OLDEST {
            return Ok(programs);
        }
        if best.as_ref().is_none_or(|best| best.major < programs.major) {
            best = Some(programs);
        }
    }
    let best = best.ok_or(EmbeddedError::NotInstalled)?;
    Err(match cluster {
        Some((path, wanted)) if wanted != best.major => EmbeddedError::OtherVersion {
            path: path.to_owned(),
            cluster: wanted,
            bin: best.bin,
            found: best.major,
        },
        _ => EmbeddedError::TooOld {
            bin: best.bin,
            major: best.major,
        },
    })
}

/// The folders with PostgreSQL's programs, the one to prefer first. `root` is `/` outside tests.
fn candidates(path: Option<&OsStr>, root: &Path) -> Vec<PathBuf> {
    let mut installed: Vec<PathBuf> = Vec::new();
    for folder in folders(path, root) {
        if let Some(bin) = installed_in(&folder)
            && !installed.contains(&bin)
        {
            installed.push(bin);
        }
    }
    installed
}

/// The folders in which PostgreSQL's programs may be, the one to prefer first.
fn folders(path: Option<&OsStr>, root: &Path) -> Vec<PathBuf> {
    let on_path: Vec<PathBuf> = path
        .map(|path| std::env::split_paths(path).collect())
        .unwrap_or_default();
    let packages = [
        ("usr/lib/postgresql", "", "bin"),
        ("opt/homebrew/opt", "postgresql@", "bin"),
        ("usr/local/opt", "postgresql@", "bin"),
        ("usr", "pgsql-", "bin"),
    ]
    .into_iter()
    .flat_map(|(folder, prefix, bin)| versions_in(&root.join(folder), prefix, bin));
    on_path
        .into_iter()
        .filter(|dir| dir.is_absolute())
        .chain(packages)
        .collect()
}

/// `folder/<prefix><number>/<bin>` for every such folder, the highest number first.
fn versions_in(folder: &Path, prefix: &str, bin: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path().join(bin)))
        })
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, path)| path).collect()
}

/// The folder that really holds both programs, if `dir` has them: a package may link only
/// some of its programs into a folder on `PATH`.
fn installed_in(dir: &Path) -> Option<PathBuf> {
    let postgres = dir.join("postgres").canonicalize().ok()?;
    let has_both = |bin: &Path| bin.join("postgres").is_file() && bin.join("initdb").is_file();
    let real = postgres.parent().filter(|bin| has_both(bin));
    match real {
        Some(bin) => Some(bin.to_owned()),
        None => dir.canonicalize().ok().filter(|bin| has_both(bin)),
    }
}

/// 15 from `postgres (PostgreSQL) 15.18 (Debian 15.18-0)`, 18 from `postgres (PostgreSQL) 18beta1`.
fn major_version(answer: &str) -> Option<u32> {
    let version = answer.split_once("(PostgreSQL)")?.1.trim_start();
    let end = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(root: &Path, bin: &str) -> PathBuf {
        let bin = root.join(bin);
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("postgres"), "").unwrap();
        fs::write(bin.join("initdb"), "").unwrap();
        bin.canonicalize().unwrap()
    }

    fn version(major: u32) -> Programs {
        Programs {
            bin: PathBuf::from(format!("/pg/{major}/bin")),
            major,
        }
    }

    #[test]
    fn the_major_version_is_read_from_every_form_of_the_answer() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(major_version(debian), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major_version("postgres (PostgreSQL) 17"), Some(17));
        assert_eq!(major_version("command not found"), None);
    }

    #[test]
    fn the_path_comes_before_the_packages_folders() {
        let root = tempfile::tempdir().unwrap();
        let package = install(root.path(), "usr/lib/postgresql/17/bin");
        let own = install(root.path(), "own");
        assert_eq!(
            candidates(Some(own.as_os_str()), root.path()),
            [own, package]
        );
    }

    #[test]
    fn the_newest_package_is_the_one_with_the_highest_number() {
        let root = tempfile::tempdir().unwrap();
        let nine = install(root.path(), "usr/lib/postgresql/9/bin");
        let fourteen = install(root.path(), "usr/lib/postgresql/14/bin");
        let sixteen = install(root.path(), "opt/homebrew/opt/postgresql@16/bin");
        let red_hat = install(root.path(), "usr/pgsql-17/bin");
        assert_eq!(
            candidates(None, root.path()),
            [fourteen, nine, sixteen, red_hat]
        );
    }

    #[test]
    fn a_link_to_one_program_leads_to_the_folder_of_both() {
        let root = tempfile::tempdir().unwrap();
        let real = install(root.path(), "usr/lib/postgresql/15/bin");
        let linked = root.path().join("linked");
        fs::create_dir(&linked).unwrap();
        std::os::unix::fs::symlink(real.join("postgres"), linked.join("postgres")).unwrap();
        assert_eq!(installed_in(&linked), Some(real));
    }

    #[test]
    fn a_relative_folder_on_the_path_is_passed_over() {
        assert!(candidates(Some(OsStr::new(".:bin")), Path::new("/nowhere")).is_empty());
    }

    #[test]
    fn a_new_cluster_takes_the_first_that_is_young_enough() {
        let found = [version(13), version(15), version(17)];
        assert_eq!(choose(found.into_iter(), None).unwrap(), version(15));
    }

    #[test]
    fn a_cluster_takes_the_version_that_made_it() {
        let found = [version(17), version(15)];
        let cluster = Some((Path::new("/c"), 15));
        assert_eq!(choose(found.into_iter(), cluster).unwrap(), version(15));
    }

    #[test]
    fn a_cluster_of_another_version_is_refused_with_both_versions() {
        let cluster = Some((Path::new("/c"), 14));
        let error = choose([version(17)].into_iter(), cluster)
            .unwrap_err()
            .to_string();
        assert!(error.contains("/c was made by PostgreSQL 14"), "{error}");
        assert!(error.contains("/pg/17/bin are of version 17"), "{error}");
    }

    #[test]
    fn an_old_version_is_refused_by_name() {
        let error = choose([version(13)].into_iter(), None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("PostgreSQL 13 in /pg/13/bin is too old"),
            "{error}"
        );
    }

    #[test]
    fn a_machine_without_postgresql_says_how_to_get_it() {
        let error = choose(std::iter::empty(), None).unwrap_err().to_string();
        for hint in [
            "apt-get install postgresql",
            "brew install postgresql",
            "TIERPIX_PG_BIN",
        ] {
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn a_named_folder_without_the_programs_is_refused_by_its_setting() {
        let empty = tempfile::tempdir().unwrap();
        let error = Programs::find(Some(empty.path()), None)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("TIERPIX_PG_BIN is /"), "{error}");
    }
}
