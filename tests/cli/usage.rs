//! Help, and command lines that say nothing sensible.

use crate::harness::{Installation, Outcome};

#[actix_web::test]
async fn help_goes_to_standard_output_and_names_every_command() {
    let help = Installation::new().run("--help").await.done();
    for command in [
        "serve",
        "migrate",
        "createsuperuser",
        "user",
        "tier",
        "keys",
        "thumbnails",
        "storage",
    ] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
}

#[actix_web::test]
async fn the_version_is_the_packages() {
    let version = Installation::new().run("--version").await.done();
    assert_eq!(version, format!("tierpix {}\n", env!("CARGO_PKG_VERSION")));
}

#[actix_web::test]
async fn a_wrong_command_line_ends_with_2_and_touches_nothing() {
    let tierpix = Installation::new();
    for (line, said) in [
        ("sreve", "unrecognized subcommand 'sreve'"),
        ("serve now", "unexpected argument 'now'"),
        ("serve --prot 80", "unexpected argument '--prot'"),
        ("serve --bind", "a value is required for '--bind <ADDRESS>'"),
        ("user", "Usage: tierpix user"),
        ("user add", "<NAME>"),
        ("tier add Gold", "--heights <HEIGHTS>"),
    ] {
        let error = tierpix.run(line).await.misused();
        assert!(error.contains(said), "{line}: {error}");
    }
    assert!(!tierpix.data_dir().exists());
}

#[actix_web::test]
async fn a_reader_that_has_gone_is_no_error() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    for line in ["tier list", "tier list --json", "user list", "migrate"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = tierpix.command(line.split_whitespace());
        let output = Outcome::of(command.stdout(writer).spawn().unwrap()).await;
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{line}"
        );
    }
}

#[actix_web::test]
async fn output_that_cannot_be_written_is_told() {
    let tierpix = Installation::on_another_server().await;
    tierpix.run("migrate").await.done();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let mut command = tierpix.command(["tier", "list"]);
    let child = command.stdout(full).spawn().unwrap();
    let line = Outcome::of(child).await.refused();
    assert!(line.starts_with("standard output: "), "{line}");
}
