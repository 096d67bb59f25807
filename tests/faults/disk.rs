//! A disk that is full, has no names left to give, or takes nothing any more: a small file system of the service's own, in a
//! mount namespace that ends with it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::{
    harness::{Answer, Installation, Service, names_in, objects_in},
    pictures::Jpeg,
};

/// The bytes that the file system has.
const SIZE: u64 = 4 << 20;

/// The files and folders that it can have.
const INODES: u64 = 60;

/// A page of memory, in which the file system gives out its bytes.
const PAGE: u64 = 4096;

/// A service on a disk of its own.
struct OnItsOwnDisk {
    tierpix: Installation,
    service: Service,
    photo: Vec<u8>,
}

impl OnItsOwnDisk {
    /// `None`, and why is printed, where nobody may make a mount namespace.
    async fn start() -> Option<Self> {
        let tierpix = Installation::on_another_server().await;
        tierpix.run("migrate").await.done();
        tierpix.add_user("anna", "Premium").await;
        let disk = tierpix.data_dir();
        let mount = format!(
            "mount -t tmpfs -o size={SIZE},nr_inodes={INODES},mode=700 tmpfs {}",
            disk.display()
        );
        // Who is not root may mount as the root of a user namespace; in one, root would not reach the database any more.
        let mut unshare = vec!["unshare", "--mount"];
        if !nix::unistd::geteuid().is_root() {
            unshare.push("--map-root-user");
        }
        unshare.extend(["sh", "-c"]);
        let [program, arguments @ ..] = &unshare[..] else {
            unreachable!()
        };
        let tried = Command::new(program)
            .args(arguments)
            .arg(&mount)
            .output()
            .await;
        if !tried.as_ref().is_ok_and(|tried| tried.status.success()) {
            println!("not tried: no mount namespace here: {tried:?}");
            return None;
        }
        let begin = format!("{mount} && exec \"$0\" \"$@\"");
        let launcher = unshare.into_iter().map(str::to_owned).chain([begin]);
        let tierpix = tierpix.launched_by(launcher);
        let service = tierpix.serve().await;
        let disk = Self {
            tierpix,
            service,
            photo: Jpeg::photo(900, 700).encode(),
        };
        // What a first upload makes once is there.
        disk.assert_takes().await;
        Some(disk)
    }

    /// The data directory as the service sees it.
    fn data_dir(&self) -> PathBuf {
        let outside = self.tierpix.data_dir();
        PathBuf::from(format!("/proc/{}/root", self.service.id()))
            .join(outside.strip_prefix("/").unwrap())
    }

    async fn upload(&self) -> Answer {
        let photo = self.photo.clone();
        self.service.upload("anna", "anna-password", photo).await
    }

    /// An upload is stored, and can be read.
    async fn assert_takes(&self) {
        let answer = self.upload().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let original = self.service.get(&answer.url_of("original")).await;
        assert_eq!(original.body, self.photo);
        let thumbnail = self.service.get(&answer.url_of("200px")).await;
        assert_eq!(thumbnail.status, 200);
    }

    /// What there is: rows, stored files, and files in the spool.
    async fn stored(&self) -> (i64, usize, usize) {
        let database = self.tierpix.connect().await;
        let rows = "SELECT (SELECT count(*) FROM images) + (SELECT count(*) FROM thumbnails)";
        let rows = database.query_one(rows, &[]).await.unwrap().get(0);
        let objects = self.data_dir().join("objects");
        let spooled = names_in(&self.data_dir().join("spool")).len();
        (rows, objects_in(&objects).len(), spooled)
    }

    /// An upload is refused for want of room, and nothing is left of it.
    async fn assert_refuses(&self) {
        let before = self.stored().await;
        let answer = self.upload().await;
        assert_eq!(answer.status, 507, "{answer:?}");
        assert_eq!(answer.json()["code"], "storage_full");
        assert_eq!(self.stored().await, before);
    }

    /// Takes all bytes of the disk but so many.
    fn fill_but(&self, left: u64) {
        let file = fs::File::create(self.filler()).unwrap();
        let disk = nix::sys::statvfs::statvfs(&self.data_dir()).unwrap();
        let free = disk.blocks_available() * disk.fragment_size();
        let taken = vec![1; usize::try_from(free - left).unwrap()];
        std::io::Write::write_all(&mut &file, &taken).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.data_dir().join("filler")
    }

    /// Runs a program where the service sees its disk.
    async fn run(&self, program: &[&str], path: &Path) {
        let pid = self.service.id().to_string();
        let mut enter = vec!["--target", &pid, "--mount"];
        if !nix::unistd::geteuid().is_root() {
            enter.extend(["--user", "--preserve-credentials"]);
        }
        let mut command = Command::new("nsenter");
        let done = command.args(enter).args(program).arg(path).output().await;
        assert!(done.as_ref().unwrap().status.success(), "{done:?}");
    }

    /// Makes the folders of pictures read-only. The whole disk cannot be, while the service holds its lock on it.
    async fn set_read_only(&self, read_only: bool) {
        for folder in ["objects", "spool"] {
            let folder = self.tierpix.data_dir().join(folder);
            if read_only {
                let path = folder.to_str().unwrap();
                self.run(&["mount", "--bind", "-o", "ro", path], &folder)
                    .await;
            } else {
                self.run(&["umount"], &folder).await;
            }
        }
    }
}

#[actix_web::test]
async fn without_room_for_an_original_nothing_is_stored_until_there_is_room() {
    let Some(disk) = OnItsOwnDisk::start().await else {
        return;
    };
    for left in [0, disk.photo.len() as u64 / 2] {
        disk.fill_but(left / PAGE * PAGE);
        disk.assert_refuses().await;
        assert_eq!(disk.service.get("/healthz").await.status, 200);
        fs::remove_file(disk.filler()).unwrap();
        disk.assert_takes().await;
    }
}

#[actix_web::test]
async fn without_room_for_a_thumbnail_nothing_is_stored_until_there_is_room() {
    let Some(disk) = OnItsOwnDisk::start().await else {
        return;
    };
    // The original's pages, and one more, which is less than its thumbnails need.
    disk.fill_but((disk.photo.len() as u64).next_multiple_of(PAGE) + PAGE);
    disk.assert_refuses().await;
    fs::remove_file(disk.filler()).unwrap();
    disk.assert_takes().await;
}

#[actix_web::test]
async fn without_names_for_files_nothing_is_stored_until_there_are_some() {
    let Some(disk) = OnItsOwnDisk::start().await else {
        return;
    };
    // None for the spool, one for the spool and none for the rest, and so on.
    for left in 0..3 {
        let free = nix::sys::statvfs::statvfs(&disk.data_dir())
            .unwrap()
            .files_available();
        let name = |n| disk.data_dir().join(format!("filler{n}"));
        for n in left..free {
            fs::File::create(name(n)).unwrap();
        }
        disk.assert_refuses().await;
        for n in left..free {
            fs::remove_file(name(n)).unwrap();
        }
        disk.assert_takes().await;
    }
}

#[actix_web::test]
async fn a_disk_that_turns_read_only_serves_what_it_has_and_takes_nothing() {
    let Some(disk) = OnItsOwnDisk::start().await else {
        return;
    };
    let kept = disk.upload().await;
    disk.set_read_only(true).await;
    disk.assert_refuses().await;
    let original = disk.service.get(&kept.url_of("original")).await;
    assert_eq!(original.body, disk.photo);
    assert_eq!(disk.service.get("/readyz").await.status, 503);
    disk.set_read_only(false).await;
    assert_eq!(disk.service.get("/readyz").await.status, 200);
    disk.assert_takes().await;
}
