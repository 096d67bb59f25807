//! Settings: where they come from, and what a wrong one gets.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::harness::{Installation, names_in};

/// A wrong value of each setting that is checked before anything is opened, and what is said about it.
const WRONG: &[(&str, &str, &str)] = &[
    ("DATABASE_URL", "somewhere", ""),
    (
        "DATABASE_URL",
        "postgres://anna:secret@host:port/db",
        "port",
    ),
    (
        "DATABASE_URL",
        "postgres://anna:secret@host/db?colour=red",
        "unknown option `colour`",
    ),
    ("DATABASE_URL", "postgres:///db", "it names no host"),
    ("DATABASE_URL", "", "it names no host"),
    (
        "DATABASE_URL",
        "postgres://anna:secret@host/db?sslmode=verify",
        "sslmode",
    ),
    (
        "DATABASE_URL",
        "postgres://anna:secret@host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
        "sslrootcert /nowhere/ca.pem: ",
    ),
    (
        "DATABASE_URL",
        "postgres://anna:secret@host/db?sslrootcert=/nowhere/ca.pem",
        "says nothing without sslmode=verify-full",
    ),
    ("TIERPIX_BIND", "8000", "invalid socket address"),
    ("TIERPIX_BIND", "127.0.0.1:65536", "invalid socket address"),
    (
        "TIERPIX_CORS_ORIGINS",
        "https://app.example.org/",
        "https://app.example.org or capacitor://localhost, or * alone",
    ),
    ("TIERPIX_DATA_DIR", "", ""),
    (
        "TIERPIX_DIRECT_DATABASE_URL",
        "postgres:///db",
        "it names no host",
    ),
    ("TIERPIX_DOCS", "maybe", "true, false"),
    ("TIERPIX_KEEP_ALIVE", "0", "a whole number from 1 up"),
    ("TIERPIX_LINK_WINDOW", "1h", "invalid digit"),
    ("TIERPIX_LOG", "tierpix=loud", "level filter"),
    ("TIERPIX_LOG_FORMAT", "xml", "text, json"),
    ("TIERPIX_MAX_PIXELS", "0", "a whole number from 1 up"),
    ("TIERPIX_MAX_PIXELS", "1e8", "a whole number from 1 up"),
    (
        "TIERPIX_MAX_UPLOAD_BYTES",
        "50MB",
        "a whole number from 1 up",
    ),
    ("TIERPIX_MEDIA_CACHE_BYTES", "32MB", "invalid digit"),
    ("TIERPIX_MEDIA_MAX_AGE", "-1", "0..=4294967295"),
    ("TIERPIX_MEDIA_REDIRECT", "perhaps", "true, false"),
    ("TIERPIX_METRICS_BIND", "9090", "here, off or an address"),
    ("TIERPIX_PG_BIN", "", ""),
    (
        "TIERPIX_PUBLIC_URL",
        "pictures.example.org",
        "https://pictures.example.org",
    ),
    (
        "TIERPIX_PUBLIC_URL",
        "https://pictures.example.org/?a=b",
        "https://pictures.example.org",
    ),
    ("TIERPIX_RENDER_MEMORY", "0", "a whole number from 1 up"),
    ("TIERPIX_RENDER_TIMEOUT", "0", "a whole number from 1 up"),
    (
        "TIERPIX_SECRET_KEY",
        "0123456789012345678901234567890",
        "31 bytes, it needs at least 32",
    ),
    ("TIERPIX_ORPHAN_GRACE", "59m", "1h to 3650d"),
    ("TIERPIX_SHUTDOWN_GRACE", "65536", "0..=65535"),
    (
        "TIERPIX_STORAGE_URL",
        "gs://pictures",
        "file:///srv/pictures or s3://bucket/prefix",
    ),
    (
        "TIERPIX_STORAGE_URL",
        "s3://pictures/a//b",
        "single slashes",
    ),
    ("TIERPIX_STRIP_LOCATION", "yes", "true, false"),
    ("TIERPIX_THUMBNAIL_THREADS", "0", "a whole number from 1 up"),
    (
        "TIERPIX_TRUSTED_PROXIES",
        "10.0.0.0/8,10.0.0.0/33",
        "10.0.0.0/8",
    ),
    ("TIERPIX_WORKERS", "many", "a whole number from 1 up"),
];

/// What must not be repeated on a screen or in a log.
const SECRETS: [&str; 3] = [
    "DATABASE_URL",
    "TIERPIX_DIRECT_DATABASE_URL",
    "TIERPIX_SECRET_KEY",
];

#[actix_web::test]
async fn every_setting_that_the_help_lists_is_tried_here() {
    let help = Installation::new().run("serve --help").await.done();
    for line in help.lines().filter(|line| line.contains("[env: ")) {
        let name = line
            .trim()
            .trim_start_matches("[env: ")
            .split(['=', ']'])
            .next()
            .unwrap();
        assert!(WRONG.iter().any(|(tried, ..)| *tried == name), "{name}");
    }
}

#[actix_web::test]
async fn a_wrong_value_in_the_environment_is_refused_in_one_line_that_names_it() {
    for (name, value, said) in WRONG {
        let tierpix = Installation::new().with(name, value);
        let line = tierpix.run("serve").await.refused();
        assert!(
            line.starts_with(&format!("{name}: ")),
            "{name}={value}: {line}"
        );
        assert!(line.contains(said), "{name}={value}: {line}");
        let repeated = line.contains(&format!("“{}”", value.rsplit(',').next().unwrap()));
        assert_eq!(repeated, !SECRETS.contains(name), "{name}={value}: {line}");
        assert_eq!(
            names_in(&tierpix.folder()),
            Vec::<String>::new(),
            "{name}={value}"
        );
    }
}

#[actix_web::test]
async fn a_wrong_value_of_a_flag_is_a_wrong_command_line() {
    for (name, value, said) in WRONG {
        let flag = name
            .trim_start_matches("TIERPIX_")
            .to_lowercase()
            .replace('_', "-");
        let tierpix = Installation::new();
        let given = format!("--{flag}={value}");
        let mut command = tierpix.command(["serve", given.as_str()]);
        let output = command.output().await.unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{given}: {error}");
        assert!(
            error.contains(&format!("--{flag}")) && error.contains(said),
            "{given}: {error}"
        );
        assert_eq!(names_in(&tierpix.folder()), Vec::<String>::new(), "{given}");
    }
}

#[actix_web::test]
async fn a_direct_way_to_a_database_that_nothing_names_is_refused() {
    let tierpix = Installation::new().with(
        "TIERPIX_DIRECT_DATABASE_URL",
        "postgres://anna@localhost/db",
    );
    for line in ["serve", "migrate"] {
        let refused = tierpix.run(line).await.refused();
        assert!(
            refused.starts_with("TIERPIX_DIRECT_DATABASE_URL "),
            "{refused}"
        );
    }
}

#[actix_web::test]
async fn a_folder_without_postgresqls_programs_is_refused_by_its_setting() {
    let tierpix = Installation::new().with("TIERPIX_PG_BIN", "/nowhere");
    for line in ["serve", "migrate"] {
        let refused = tierpix.run(line).await.refused();
        assert!(
            refused.starts_with("TIERPIX_PG_BIN is /nowhere"),
            "{line}: {refused}"
        );
        tierpix.assert_nothing_runs();
    }
}

#[actix_web::test]
async fn the_flag_wins_over_the_environment_and_that_over_the_file() {
    let from = |place: &str| format!("“{place}” is not valid");
    let tierpix = Installation::new();
    fs::write(tierpix.folder().join(".env"), "TIERPIX_PUBLIC_URL=file\n").unwrap();
    let line = tierpix.run("serve").await.refused();
    assert!(line.contains(&from("file")), "{line}");

    let tierpix = tierpix.with("TIERPIX_PUBLIC_URL", "environment");
    let line = tierpix.run("serve").await.refused();
    assert!(line.contains(&from("environment")), "{line}");

    let error = tierpix.run("serve --public-url flag").await.misused();
    assert!(error.contains("'flag' for '--public-url"), "{error}");
}

#[actix_web::test]
async fn settings_of_the_file_count_for_every_command() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    let other = Installation::new();
    let url = tierpix.variable("DATABASE_URL");
    fs::write(
        other.folder().join(".env"),
        format!("# The database\nDATABASE_URL=\"{url}\"\n"),
    )
    .unwrap();
    assert!(other.run("tier list").await.done().contains("Enterprise"));
    assert!(!other.data_dir().join("postgres").exists());
}

#[actix_web::test]
async fn a_file_that_cannot_be_read_is_refused_by_name() {
    let tierpix = Installation::new();
    fs::write(tierpix.folder().join(".env"), "not a setting\n").unwrap();
    let line = tierpix.run("serve").await.refused();
    assert!(line.starts_with(".env: "), "{line}");
    assert!(!tierpix.data_dir().exists());
}

#[actix_web::test]
async fn a_given_secret_is_not_kept_and_a_generated_one_is_for_its_owner_alone() {
    let tierpix = Installation::on_another_server().await;
    let mode = |name: &str| {
        let metadata = fs::metadata(tierpix.data_dir().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    let service = tierpix
        .serve_with("--secret-key 0123456789012345678901234567890x")
        .await;
    assert!(!tierpix.data_dir().join("secret.key").exists());
    service.stop().await;

    tierpix.serve().await.stop().await;
    assert_eq!(mode("secret.key"), 0o600);
    assert_eq!((mode("objects"), mode("spool")), (0o700, 0o700));
}

#[actix_web::test]
async fn a_kept_secret_that_is_too_short_is_refused_by_its_file() {
    let tierpix = Installation::new();
    fs::create_dir(tierpix.data_dir()).unwrap();
    fs::write(tierpix.data_dir().join("secret.key"), "short").unwrap();
    let line = tierpix.run("serve").await.refused();
    assert!(line.contains("secret.key") && line.contains("32"), "{line}");
    assert!(!tierpix.data_dir().join("postgres").exists());
}

#[actix_web::test]
async fn a_file_in_the_place_of_a_folder_is_told_before_anything_is_started() {
    for name in ["objects", "spool"] {
        let tierpix = Installation::new();
        fs::create_dir(tierpix.data_dir()).unwrap();
        fs::write(tierpix.data_dir().join(name), "").unwrap();
        let line = tierpix.run("serve").await.refused();
        assert!(
            line.starts_with("TIERPIX_DATA_DIR: ") && line.contains(&format!("/{name}: ")),
            "{line}"
        );
        assert!(!tierpix.data_dir().join("postgres").exists());
    }
}

#[actix_web::test]
async fn the_log_is_json_where_that_is_asked_for() {
    let tierpix = Installation::on_another_server()
        .await
        .with("TIERPIX_LOG_FORMAT", "json");
    let service = tierpix.serve().await;
    assert_eq!(service.get("/healthz").await.status, 200);
    service.stop().await;
    let log = tierpix.log();
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|_| panic!("{line}"));
    }
    assert!(log.contains("\"route\":\"/healthz\""), "{log}");
}
