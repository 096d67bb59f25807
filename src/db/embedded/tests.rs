//! The whole launcher against the PostgreSQL of this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tokio_postgres::{Client, NoTls};

use super::*;

/// A data directory that the server's account can reach also when the tests run as root.
fn data_dir() -> (tempfile::TempDir, DataDir) {
    let temp = tempfile::tempdir().unwrap();
    let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(mode)).unwrap();
    let data_dir = DataDir::open(temp.path()).unwrap();
    (temp, data_dir)
}

async fn connect(database: &Embedded) -> Client {
    let (client, connection) = database.config().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn setting(client: &Client, name: &str) -> String {
    client
        .query_one("SELECT current_setting($1)", &[&name])
        .await
        .unwrap()
        .get(0)
}

fn server_pid(data_dir: &DataDir) -> Pid {
    let file = data_dir.path().join("postgres/cluster/postmaster.pid");
    let text = fs::read_to_string(file).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn what_was_committed_is_there_at_the_next_start() {
    let (_temp, data_dir) = data_dir();
    let first = Embedded::start(&data_dir, None).await.unwrap();
    assert!(first.created());
    connect(&first)
        .await
        .batch_execute("CREATE TABLE kept (); INSERT INTO kept DEFAULT VALUES")
        .await
        .unwrap();
    first.stop().await.unwrap();

    let begun = Instant::now();
    let second = Embedded::start(&data_dir, None).await.unwrap();
    println!("second start: {:?}", begun.elapsed());
    assert!(!second.created());
    assert_eq!(
        connect(&second)
            .await
            .query("SELECT FROM kept", &[])
            .await
            .unwrap()
            .len(),
        1
    );
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_that_stays_is_durable_and_cannot_be_reached_from_outside() {
    let (_temp, data_dir) = data_dir();
    let database = Embedded::start(&data_dir, None).await.unwrap();
    let client = connect(&database).await;
    for (name, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
    ] {
        assert_eq!(setting(&client, name).await, value, "{name}");
    }
    let home = fs::metadata(data_dir.path().join("postgres")).unwrap();
    assert_eq!(home.permissions().mode() & 0o777, 0o700);
    database.stop().await.unwrap();
}

#[tokio::test]
async fn a_command_joins_the_server_of_a_service() {
    let (_temp, data_dir) = data_dir();
    let service = Embedded::start(&data_dir, None).await.unwrap();
    let command = Embedded::join(&data_dir, None).await.unwrap();
    connect(&command)
        .await
        .batch_execute("SELECT 1")
        .await
        .unwrap();
    command.stop().await.unwrap();
    connect(&service)
        .await
        .batch_execute("SELECT 1")
        .await
        .unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_command_waits_for_a_service_that_is_just_starting() {
    let (_temp, data_dir) = data_dir();
    let (service, command) = tokio::join!(
        Embedded::start(&data_dir, None),
        Embedded::join(&data_dir, None)
    );
    let (service, command) = (service.unwrap(), command.unwrap());
    connect(&command)
        .await
        .batch_execute("SELECT 1")
        .await
        .unwrap();
    assert!(command.server.is_none());
    service.stop().await.unwrap();
}

#[tokio::test]
async fn commands_without_a_service_take_turns() {
    let (_temp, data_dir) = data_dir();
    let turn = async || {
        let command = Embedded::join(&data_dir, None).await.unwrap();
        connect(&command)
            .await
            .batch_execute("SELECT 1")
            .await
            .unwrap();
        let own = command.server.is_some();
        command.stop().await.unwrap();
        own
    };
    assert_eq!(tokio::join!(turn(), turn()), (true, true));
}

#[tokio::test]
async fn a_service_waits_for_the_server_of_a_command() {
    let (_temp, data_dir) = data_dir();
    let command = Embedded::join(&data_dir, None).await.unwrap();
    let (service, stopped) = tokio::join!(Embedded::start(&data_dir, None), command.stop());
    stopped.unwrap();
    service.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_nobody_stopped_stops_by_itself_and_the_next_start_waits_for_it() {
    let (_temp, data_dir) = data_dir();
    let forgotten = Embedded::start(&data_dir, None).await.unwrap();
    let pid = server_pid(&data_dir);
    drop(forgotten);
    let next = Embedded::start(&data_dir, None).await.unwrap();
    assert!(kill(pid, None).is_err(), "the old server is gone");
    next.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_is_noticed_and_starts_again_with_its_data() {
    let (_temp, data_dir) = data_dir();
    let mut first = Embedded::start(&data_dir, None).await.unwrap();
    connect(&first)
        .await
        .batch_execute("CREATE TABLE kept ()")
        .await
        .unwrap();
    kill(server_pid(&data_dir), Signal::SIGKILL).unwrap();
    assert!(matches!(first.ended().await, EmbeddedError::Ended { .. }));
    drop(first);
    let second = Embedded::start(&data_dir, None).await.unwrap();
    connect(&second)
        .await
        .query("SELECT FROM kept", &[])
        .await
        .unwrap();
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_start_shows_the_end_of_its_log() {
    let (_temp, data_dir) = data_dir();
    Embedded::start(&data_dir, None)
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    fs::write(
        data_dir.path().join("postgres/cluster/postgresql.conf"),
        "no_such_setting = 1",
    )
    .unwrap();
    let error = Embedded::start(&data_dir, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("no_such_setting"), "{error}");
}

#[tokio::test]
async fn a_cluster_of_another_version_is_left_alone() {
    let (_temp, data_dir) = data_dir();
    Embedded::start(&data_dir, None)
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let version = data_dir.path().join("postgres/cluster/PG_VERSION");
    fs::write(&version, "99\n").unwrap();
    let error = Embedded::start(&data_dir, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("was made by PostgreSQL 99"), "{error}");
}

#[tokio::test]
async fn a_first_start_that_was_cut_short_is_begun_again() {
    let (_temp, data_dir) = data_dir();
    let half = data_dir.path().join("postgres/cluster.new");
    drop(Embedded::start(&data_dir, None).await.unwrap());
    Embedded::start(&data_dir, None)
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    fs::rename(data_dir.path().join("postgres/cluster"), &half).unwrap();
    fs::remove_file(half.join("PG_VERSION")).unwrap();
    let database = Embedded::start(&data_dir, None).await.unwrap();
    assert!(database.created());
    assert!(!half.exists());
    database.stop().await.unwrap();
}

#[tokio::test]
async fn a_long_or_odd_data_directory_works_and_leaves_no_socket_folder() {
    let (temp, _) = data_dir();
    for name in ["a, \"b\" $c 'd' \n e", &"x".repeat(120)] {
        let data_dir = DataDir::open(&temp.path().join(name)).unwrap();
        let service = Embedded::start(&data_dir, None).await.unwrap();
        let socket = Holder::read(&data_dir).unwrap().socket;
        let command = Embedded::join(&data_dir, None).await.unwrap();
        assert!(command.server.is_none());
        connect(&command)
            .await
            .batch_execute("SELECT 1")
            .await
            .unwrap();
        service.stop().await.unwrap();
        assert_eq!(socket.exists(), socket.starts_with(data_dir.path()));
    }
}

#[tokio::test]
async fn a_folder_that_the_servers_account_cannot_enter_is_refused_by_its_setting() {
    if !geteuid().is_root() {
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let data_dir = DataDir::open(&temp.path().join("below a closed folder")).unwrap();
    let error = Embedded::start(&data_dir, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("cannot enter") && error.contains("TIERPIX_DATA_DIR"),
        "{error}"
    );
}

#[tokio::test]
async fn a_scratch_server_is_fast_and_its_folder_goes_with_it() {
    let begun = Instant::now();
    let scratch = Embedded::scratch(None).await.unwrap();
    println!("scratch start: {:?}", begun.elapsed());
    let client = connect(&scratch).await;
    assert_eq!(setting(&client, "fsync").await, "off");
    let cluster = setting(&client, "data_directory").await;
    assert!(Path::new(&cluster).exists());
    scratch.stop().await.unwrap();
    assert!(!Path::new(&cluster).parent().unwrap().exists());
}

#[tokio::test]
async fn a_stale_postmaster_pid_whose_number_another_process_has_is_removed() {
    let (_temp, data_dir) = data_dir();
    let first = Embedded::start(&data_dir, None).await.unwrap();
    let file = data_dir.path().join("postgres/cluster/postmaster.pid");
    let text = fs::read_to_string(&file).unwrap();
    first.stop().await.unwrap();
    // As after a power cut: the file is there, and its number is now ours.
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&file, format!("{}\n{rest}", std::process::id())).unwrap();
    let second = Embedded::start(&data_dir, None).await.unwrap();
    assert_ne!(server_pid(&data_dir), Pid::this());
    second.stop().await.unwrap();
}

#[tokio::test]
async fn no_file_of_the_server_lies_where_a_logout_removes_it() {
    let (_temp, data_dir) = data_dir();
    let database = Embedded::start(&data_dir, None).await.unwrap();
    let client = connect(&database).await;
    assert_eq!(setting(&client, "dynamic_shared_memory_type").await, "mmap");
    let maps = fs::read_to_string(format!("/proc/{}/maps", server_pid(&data_dir))).unwrap();
    let shared: Vec<_> = maps
        .lines()
        .filter(|line| line.contains("/dev/shm/PostgreSQL"))
        .collect();
    assert_eq!(shared, [] as [&str; 0]);
    drop(client);
    database.stop().await.unwrap();
}
