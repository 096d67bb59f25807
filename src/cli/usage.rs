//! What is wrong with a command line or a setting, told in one line where it is a setting.

use std::{ffi::OsString, process::ExitCode};

use clap::{
    CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Cli;

/// Tells the error. A wrong value in the environment is a setting's error (exit code 1, the variable named);
/// everything else is the command line's (2).
pub fn report(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if let Some(line) = setting(error, arguments) {
        eprintln!("tierpix: {line}");
        return ExitCode::FAILURE;
    }
    // Nothing can be done about a terminal that is gone.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// The line for a wrong value that came from the environment.
fn setting(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    if !matches!(
        error.kind(),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue
    ) {
        return None;
    }
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    // Shown as `--bind <ADDRESS>`.
    let flag = shown
        .split([' ', '='])
        .next()?
        .trim_start_matches("--")
        .to_owned();
    let typed = arguments
        .iter()
        .filter_map(|argument| argument.to_str())
        .any(|argument| {
            argument
                .strip_prefix("--")
                .is_some_and(|typed| typed.split('=').next() == Some(flag.as_str()))
        });
    if typed {
        return None;
    }
    let variable = variable_of(&Cli::command(), &flag)?;
    let secret = variable.is_hide_env_values_set();
    let name = variable.get_env()?.to_str()?.to_owned();
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) if !secret => format!(" “{value}”"),
        _ => String::new(),
    };
    let why = match (
        std::error::Error::source(error),
        error.get(ContextKind::ValidValue),
    ) {
        (Some(cause), _) => format!(": {cause}"),
        (None, Some(ContextValue::Strings(valid))) => {
            format!(": write one of {}", valid.join(", "))
        }
        _ => String::new(),
    };
    Some(format!("{name}: the value{value} is not valid{why}"))
}

/// The argument of this flag, in whichever command has it.
fn variable_of(command: &clap::Command, flag: &str) -> Option<clap::Arg> {
    let own = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(flag));
    own.filter(|argument| argument.get_env().is_some())
        .cloned()
        .or_else(|| {
            command
                .get_subcommands()
                .find_map(|command| variable_of(command, flag))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_setting_has_a_flag_of_the_same_name() {
        let mut command = Cli::command();
        command.build();
        let commands = command.get_subcommands().chain([&command]);
        for argument in commands.flat_map(clap::Command::get_arguments) {
            let (Some(variable), Some(flag)) = (argument.get_env(), argument.get_long()) else {
                continue;
            };
            let variable = variable.to_str().unwrap();
            let expected = variable
                .trim_start_matches("TIERPIX_")
                .to_lowercase()
                .replace('_', "-");
            assert_eq!(flag, expected);
        }
    }
}
