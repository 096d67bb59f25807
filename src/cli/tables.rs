//! What commands print: tables for people, JSON for scripts; and the question before something is deleted.

use std::io::{IsTerminal, Write, stdin, stdout};

use comfy_table::{Table, presets};

use super::CliError;

/// Prints columns under their names.
pub fn print(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(columns.to_vec());
    for row in rows {
        table.add_row(row);
    }
    println!("{}", table.trim_fmt());
}

/// Prints JSON, indented.
pub fn print_json(value: &serde_json::Value) -> Result<(), CliError> {
    serde_json::to_writer_pretty(stdout(), value).map_err(std::io::Error::from)?;
    println!();
    Ok(())
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
    print!("{question} [y/N] ");
    stdout().flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(CliError::because("nothing was done")),
    }
}
