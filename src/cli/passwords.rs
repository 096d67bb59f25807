//! Passwords from a terminal, from standard input or from the environment: never from the command line,
//! where other users of the machine could read them.

use std::io::{BufRead, IsTerminal, stdin};

use super::{CliError, tables};
use crate::domain::user::Password;

/// Asks twice on a terminal, without echo.
pub fn ask() -> Result<Password, CliError> {
    if !stdin().is_terminal() {
        return Err(CliError::because(
            "there is no terminal to ask for the password: give it with --password-stdin",
        ));
    }
    loop {
        let first = rpassword::prompt_password("Password: ")?;
        match first.parse::<Password>() {
            Err(invalid) => tables::note(format_args!("{invalid}")),
            Ok(password) => {
                if rpassword::prompt_password("Password (again): ")? == first {
                    return Ok(password);
                }
                tables::note("The two passwords are not the same.");
            }
        }
    }
}

/// The first line of standard input.
pub fn from_stdin() -> Result<Password, CliError> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).parse()?)
}

/// From standard input if that was asked for, else from the terminal.
pub fn read(stdin: bool) -> Result<Password, CliError> {
    if stdin { from_stdin() } else { ask() }
}
