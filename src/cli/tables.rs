//! What commands print: tables for people, JSON for scripts; and the question before something is deleted.

use std::{
    fmt::Display,
    io::{ErrorKind, IsTerminal, Write, stderr, stdin, stdout},
};

use comfy_table::{Table, presets};

use super::CliError;

/// Prints a line. That nobody reads it any more, as behind `| head`, is no error.
pub fn say(line: impl Display) -> Result<(), CliError> {
    match writeln!(stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::because(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line on standard error. Where that is lost nobody is there to be told.
pub fn note(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// Prints columns under their names.
pub fn print(
    columns: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<(), CliError> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(columns.to_vec());
    for row in rows {
        table.add_row(row);
    }
    say(table.trim_fmt())
}

/// Prints JSON, indented.
pub fn print_json(value: &serde_json::Value) -> Result<(), CliError> {
    say(format_args!("{value:#}"))
}

/// `yes` or `no`.
pub fn yes_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// Asks on a terminal whether to go on; a pipe and `--yes` are not asked.
pub fn confirm(question: &str, yes: bool) -> Result<(), CliError> {
    if yes || !stdin().is_terminal() {
        return Ok(());
    }
    write!(stdout(), "{question} [y/N] ")?;
    stdout().flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CliError::because("nothing was done")),
    }
}
