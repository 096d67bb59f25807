//! Settings: where they come from, and what a wrong one gets.

use std::{fs, os::unix::fs::PermissionsExt};

use futures_util::future::join_all;

use crate::harness::{Installation, names_in};

/// Wrong values of each setting that is checked before anything is opened, and a word of what is said about all of them.
const WRONG: &[(&str, &str, [&str; 10])] = &[
    (
        "DATABASE_URL",
        "postgres://user:password@host:5432/database",
        [
            "somewhere",
            "",
            "mysql://anna:secret-1@host/db",
            "https://anna:secret-1@host/db",
            "postgres:///db",
            "postgres://anna:secret-1@host:port/db",
            "postgres://anna:secret-1@host/db?colour=red",
            "postgres://anna:sec?ret-1@host/db",
            "postgres://anna:secret-1@host/db?sslmode=secret-1",
            "host=db password='secret-1",
        ],
    ),
    (
        "TIERPIX_DIRECT_DATABASE_URL",
        "",
        [
            "postgres:///db",
            "somewhere",
            "",
            "sqlite:///db",
            "postgres://anna:secret-1@host:99999/db",
            "postgres://anna:secret-1@host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
            "postgres://anna:secret-1@host/db?sslrootcert=/nowhere/ca.pem",
            "postgres://anna:secret-1@host/db?target_session_attrs=standby",
            "postgres://anna:secret-1@host/db?connect_timeout=soon",
            "postgres://anna:secret-1@host/db?keepalives=secret-1",
        ],
    ),
    (
        "TIERPIX_BIND",
        "127.0.0.1:8000, [::1]:8000, localhost:8000, :8000 or unix:/run/tierpix.sock",
        [
            "8000",
            "127.0.0.1",
            "127.0.0.1:65536",
            "localhost:http",
            "::1:8000",
            "[::1:8000",
            "http://localhost:8000",
            "unix:tierpix.sock",
            "a b:8000",
            "",
        ],
    ),
    (
        "TIERPIX_CORS_ORIGINS",
        "or * alone",
        [
            "https://app.example.org/",
            "https://app.example.org/path",
            "app.example.org",
            "https://a.example,*",
            "",
            "https://user@a.example",
            "null",
            "https://",
            "https://a.example?b",
            "https://a.example#b",
        ],
    ),
    (
        "TIERPIX_DATABASE_CONNECTIONS",
        "",
        [
            "0", "1", "1001", "70000", "-1", "many", "", "1.5", "1e2", "17 ",
        ],
    ),
    ("TIERPIX_DOCS", "true, false", BOOLEANS),
    ("TIERPIX_MEDIA_REDIRECT", "true, false", BOOLEANS),
    ("TIERPIX_STRIP_LOCATION", "true, false", BOOLEANS),
    ("TIERPIX_KEEP_ALIVE", "", NUMBERS),
    ("TIERPIX_LINK_WINDOW", "", MAY_BE_ZERO),
    (
        "TIERPIX_LOG",
        "",
        [
            "verbose",
            "tierpix=loud",
            "7",
            "info,loud",
            "warning",
            "tierpix",
            "INFO tierpix",
            "tierpix=",
            "tierpix==info",
            "critical",
        ],
    ),
    (
        "TIERPIX_LOG_FORMAT",
        "text, json",
        [
            "xml",
            "",
            "JSON ",
            "plain",
            "text,json",
            "0",
            "logfmt",
            "pretty",
            "compact",
            "none",
        ],
    ),
    ("TIERPIX_MAX_PIXELS", "a whole number from 1 up", NUMBERS),
    ("TIERPIX_MAX_UPLOAD_BYTES", "", SIZES),
    ("TIERPIX_RENDER_MEMORY", "", SIZES),
    (
        "TIERPIX_MEDIA_CACHE_BYTES",
        "50MB or 50MiB",
        [
            "",
            "-1",
            "MB",
            "1.5MB",
            "1e6",
            "all",
            "10XB",
            "99999999999GiB",
            "1 2",
            "0x10",
        ],
    ),
    ("TIERPIX_MEDIA_MAX_AGE", "", MAY_BE_ZERO),
    (
        "TIERPIX_METRICS_BIND",
        "here, off or an address",
        [
            "9090",
            ":9090",
            "",
            "on",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:65536",
            "/metrics",
            "HERE",
            "::1:9090",
        ],
    ),
    (
        "TIERPIX_ORPHAN_GRACE",
        "",
        [
            "59m",
            "0",
            "",
            "1w",
            "seven days",
            "-7d",
            "1.5d",
            "3651d",
            "d7",
            "7 d",
        ],
    ),
    (
        "TIERPIX_PUBLIC_URL",
        "",
        [
            "pictures.example.org",
            "https://pictures.example.org/?a=b",
            "ftp://pictures.example.org",
            "https://",
            "",
            "//pictures.example.org",
            "https://pictures.example.org/#a",
            "https://pictures example.org",
            "https:pictures.example.org",
            "javascript:alert(1)",
        ],
    ),
    (
        "TIERPIX_RENDER_TIMEOUT",
        "a whole number from 1 up",
        NUMBERS,
    ),
    (
        "TIERPIX_SECRET_KEY",
        "it needs at least 32",
        [
            "",
            "0123456789012345678901234567890",
            "short-secret",
            "a",
            "ä",
            "password",
            "                               ",
            "0000000000000000000000000000000",
            "change-me",
            "äöüäöüäöüäöüäöü",
        ],
    ),
    (
        "TIERPIX_SENDFILE_HEADER",
        "X-Accel-Redirect, X-Sendfile",
        [
            "nginx",
            "X-Accel",
            "X-Accel-Redirect:",
            "X-Accel-Redirect: /media/",
            "X_Sendfile",
            "X-Send-File",
            "X-LIGHTTPD-send-file",
            "true",
            "0",
            "X-Sendfile;X-Accel-Redirect",
        ],
    ),
    ("TIERPIX_SHUTDOWN_GRACE", "", MAY_BE_ZERO),
    (
        "TIERPIX_STORAGE_URL",
        "",
        [
            "gs://pictures",
            "/srv/pictures",
            "file:pictures",
            "file://host/pictures",
            "",
            "s3://",
            "s3://Pictures",
            "s3://pictures/a//b",
            "s3://key:secret@pictures",
            "s3://pictures?region=x",
        ],
    ),
    (
        "TIERPIX_THUMBNAIL_THREADS",
        "a whole number from 1 up",
        NUMBERS,
    ),
    ("TIERPIX_WORKERS", "a whole number from 1 up", NUMBERS),
    (
        "TIERPIX_TRUSTED_PROXIES",
        "10.0.0.0/8",
        [
            "10.0.0.0/33",
            "10.0.0.0/8,10.0.0.0/33",
            "proxy",
            "10.0.0",
            "10.0.0.0-10.0.0.9",
            "*",
            "::/129",
            "10.0.0.1:80",
            "10.0.0.0/8;10.1.0.0/16",
            "10.0.0.0/-1",
        ],
    ),
];

const BOOLEANS: [&str; 10] = [
    "maybe", "yes", "no", "1", "0", "", "TRUE ", "on", "off", "null",
];

const NUMBERS: [&str; 10] = [
    "0",
    "-1",
    "many",
    "",
    "1.5",
    "1e8",
    "99999999999999999999",
    "0x10",
    "1_000",
    "1 ",
];

const MAY_BE_ZERO: [&str; 10] = [
    "-1",
    "many",
    "",
    "1.5",
    "1h",
    "99999999999999999999",
    "0x10",
    "1_000",
    "1 ",
    "1e2",
];

const SIZES: [&str; 10] = [
    "0",
    "0MB",
    "-1",
    "",
    "MB",
    "1.5MB",
    "1e6",
    "10XB",
    "99999999999GiB",
    "all",
];

/// Settings that name a file or a folder: what is wrong with one is seen when it is opened.
const PLACES: [&str; 3] = ["TIERPIX_DATA_DIR", "TIERPIX_ENV_FILE", "TIERPIX_PG_BIN"];

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
        let is_tried = PLACES.contains(&name) || WRONG.iter().any(|(tried, ..)| *tried == name);
        assert!(is_tried, "{name}");
    }
}

/// Fails if what is said holds a part of a secret value.
fn assert_not_told(name: &str, value: &str, said: &str) {
    if SECRETS.contains(&name) {
        let told = ["secret-1", "cret-1", "ret-1"]
            .iter()
            .any(|part| said.contains(part))
            || (name == "TIERPIX_SECRET_KEY" && value.len() > 2 && said.contains(value.trim()));
        assert!(!told || value.trim().is_empty(), "{name}={value}: {said}");
    }
}

#[actix_web::test]
async fn a_wrong_value_in_the_environment_is_refused_in_one_line_that_names_it() {
    for (name, said, values) in WRONG {
        join_all(values.iter().map(async |value| {
            let tierpix = Installation::new().with(name, value);
            let line = tierpix.run("serve").await.refused();
            assert!(
                line.starts_with(&format!("{name}: ")),
                "{name}={value}: {line}"
            );
            assert!(line.contains(said), "{name}={value}: {line}");
            assert_not_told(name, value, &line);
            let repeated = line.contains(&format!("“{}”", value.rsplit(',').next().unwrap()));
            assert!(
                !repeated || !SECRETS.contains(name),
                "{name}={value}: {line}"
            );
            let made = names_in(&tierpix.folder());
            assert_eq!(made, Vec::<String>::new(), "{name}={value}");
        }))
        .await;
    }
}

#[actix_web::test]
async fn a_wrong_value_of_a_flag_is_a_wrong_command_line() {
    for (name, said, values) in WRONG {
        let flag = name
            .trim_start_matches("TIERPIX_")
            .to_lowercase()
            .replace('_', "-");
        // The last is as good as any.
        let value = values[0];
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
async fn a_place_that_cannot_be_used_is_refused_by_its_setting() {
    let wrong = [
        "/dev/null/place",
        "/dev/null",
        "/proc/place",
        "/sys/place",
        "/proc/self/status/place",
    ];
    for name in PLACES {
        for place in wrong {
            // A null device is an empty file of settings.
            if (name, place) == ("TIERPIX_ENV_FILE", "/dev/null") {
                continue;
            }
            let tierpix = Installation::new().with(name, place);
            let line = tierpix.run("serve").await.refused();
            assert!(line.contains(place), "{name}={place}: {line}");
            assert!(
                line.contains(name) || name == "TIERPIX_ENV_FILE",
                "{name}={place}: {line}"
            );
            tierpix.assert_nothing_runs();
        }
    }
}

#[actix_web::test]
async fn a_variable_that_is_no_setting_is_told_with_the_one_that_was_meant() {
    let tierpix = Installation::migrated()
        .await
        .with("TIERPIX_TRUSTED_PROXY", "10.0.0.0/8")
        .with("TIERPIX_SERVICE_HOST", "10.0.0.1");
    let outcome = tierpix.run("tier list").await;
    assert_eq!(
        outcome.stderr.lines().next(),
        Some("tierpix: TIERPIX_TRUSTED_PROXY is no setting: did you mean TIERPIX_TRUSTED_PROXIES?")
    );
    assert_eq!(
        outcome
            .stderr
            .lines()
            .filter(|line| line.contains("no setting"))
            .count(),
        1
    );
    outcome.done();
}

#[actix_web::test]
async fn sizes_may_be_written_with_units() {
    let tierpix = Installation::on_another_server().await;
    let flags = "--max-upload-bytes 50MiB --media-cache-bytes 32MB --render-memory 1GiB";
    tierpix.serve_with(flags).await.stop().await;
}

#[actix_web::test]
async fn a_service_may_listen_on_a_name_and_on_a_socket_in_the_file_system() {
    let tierpix = Installation::on_another_server().await;
    let service = tierpix.serve_with("--bind localhost:0").await;
    assert!(service.url.starts_with("http://localhost:"));
    assert_eq!(service.get("/healthz").await.status, 200);
    service.stop().await;

    let socket = tierpix.folder().join("tierpix.sock");
    let bind = format!("unix:{}", socket.display());
    let service = tierpix.serve_with(&format!("--bind {bind}")).await;
    assert_eq!(service.url, bind);
    let ready = tierpix.run(&format!("health --bind {bind}")).await.done();
    assert_eq!(ready, "The service is ready.\n");
    service.stop().await;
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
async fn a_header_for_a_proxy_is_refused_where_none_could_follow_it() {
    let tierpix = Installation::new().with("TIERPIX_SENDFILE_HEADER", "x-accel-redirect");
    let refused = tierpix.run("serve").await.refused();
    assert!(
        refused.starts_with("TIERPIX_SENDFILE_HEADER: ")
            && refused.contains("TIERPIX_TRUSTED_PROXIES"),
        "{refused}"
    );
    let tierpix = tierpix
        .with("TIERPIX_TRUSTED_PROXIES", "127.0.0.1")
        .with("TIERPIX_STORAGE_URL", "s3://pictures");
    let refused = tierpix.run("serve").await.refused();
    assert!(refused.contains("TIERPIX_MEDIA_REDIRECT"), "{refused}");
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
async fn a_file_with_a_line_that_is_no_setting_is_refused_without_its_words() {
    let tierpix = Installation::new();
    fs::write(
        tierpix.folder().join(".env"),
        "# fine\nsecret-1 is no setting\n",
    )
    .unwrap();
    let line = tierpix.run("serve").await.refused();
    assert_eq!(line, ".env: line 2 is not written as NAME=value");
    assert!(!tierpix.data_dir().exists());
}

#[actix_web::test]
async fn a_file_that_cannot_be_read_is_passed_over_unless_it_was_named() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    // A folder cannot be read, not even by root.
    fs::create_dir(tierpix.folder().join(".env")).unwrap();
    let outcome = tierpix.run("tier list").await;
    assert!(
        outcome.stderr.starts_with("tierpix: .env is passed over: "),
        "{outcome:?}"
    );
    outcome.done();
    let line = tierpix
        .run("--env-file nowhere.env tier list")
        .await
        .refused();
    assert!(
        line.starts_with(".env is passed over")
            || line.starts_with("TIERPIX_ENV_FILE: cannot read “nowhere.env”"),
        "{line}"
    );
}

#[actix_web::test]
async fn a_file_that_is_named_counts_and_a_dollar_in_it_is_a_dollar() {
    let tierpix = Installation::new();
    let file = tierpix.folder().join("settings");
    fs::write(&file, "TIERPIX_PUBLIC_URL=pa$word${HOME}\n").unwrap();
    let line = tierpix
        .run(&format!("serve --env-file {}", file.display()))
        .await
        .refused();
    assert!(line.contains("“pa$word${HOME}” is not valid"), "{line}");
}

#[actix_web::test]
async fn a_given_secret_is_not_kept_and_a_generated_one_is_for_its_owner_alone() {
    let tierpix = Installation::on_another_server().await;
    let service = tierpix
        .serve_with("--secret-key 0123456789012345678901234567890x")
        .await;
    assert!(!tierpix.data_dir().join("secret.key").exists());
    service.stop().await;
    // Where one was given a new one is not generated in its place.
    let line = tierpix.run("serve").await.refused();
    assert!(line.contains("TIERPIX_SECRET_KEY"), "{line}");

    let tierpix = Installation::on_another_server().await;
    tierpix.serve().await.stop().await;
    let mode = |name: &str| {
        let metadata = fs::metadata(tierpix.data_dir().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
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
    assert_eq!(service.get("/api/v1/me/").await.status, 401);
    service.stop().await;
    let log = tierpix.log();
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|_| panic!("{line}"));
    }
    assert!(log.contains("\"route\":\"/api/v1/me\""), "{log}");
    assert!(!log.contains("/healthz"), "{log}");
}
