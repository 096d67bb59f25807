//! What is wrong with a command line or a setting, told in one line where it is a setting.

use std::{ffi::OsString, process::ExitCode};

use clap::{
    CommandFactory,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Cli, tables};

/// Tells the error. A wrong value in the environment is a setting's error (exit code 1, the variable named);
/// everything else is the command line's (2).
pub fn report(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if let Some(line) = setting(error, arguments) {
        tables::note(format_args!("tierpix: {line}"));
        return ExitCode::FAILURE;
    }
    // Nothing can be done about a terminal that is gone.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// Variables that are read, but by no flag.
const WITHOUT_FLAG: [&str; 1] = [super::createsuperuser::PASSWORD];

/// What begins so is told by others: by the tests and benches of the project, and by Kubernetes of a service named
/// `tierpix`.
const OTHERS: [&str; 4] = [
    "TIERPIX_TEST_",
    "TIERPIX_BENCH_",
    "TIERPIX_SERVICE_",
    "TIERPIX_PORT",
];

/// What to warn of: variables that look like settings and are none, with the nearest that is one.
pub fn unknown_settings() -> Vec<String> {
    let mut known: Vec<String> = WITHOUT_FLAG.map(str::to_owned).into();
    collect_variables(&Cli::command(), &mut known);
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut unknown: Vec<_> = set
        .filter(|name| name.starts_with("TIERPIX_") && !known.contains(name))
        .filter(|name| !OTHERS.iter().any(|other| name.starts_with(other)))
        .map(|name| unknown(&name, &known))
        .collect();
    unknown.sort();
    unknown
}

fn collect_variables(command: &clap::Command, variables: &mut Vec<String>) {
    let own = command
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str());
    variables.extend(own.map(str::to_owned));
    for command in command.get_subcommands() {
        collect_variables(command, variables);
    }
}

fn unknown(name: &str, known: &[String]) -> String {
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 4);
    match nearest {
        Some((_, nearest)) => format!("{name} is no setting: did you mean {nearest}?"),
        None => format!("{name} is no setting: `tierpix serve --help` lists them"),
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
        (Some(cause), _) => match cause.to_string().as_str() {
            // The words of the standard library's parser.
            "invalid digit found in string" | "cannot parse integer from empty string" => {
                ": write a whole number".to_owned()
            }
            "number too large to fit in target type" => ": the number is too large".to_owned(),
            cause => format!(": {cause}"),
        },
        (None, Some(ContextValue::Strings(valid))) if valid.is_empty() => {
            ": it is empty".to_owned()
        }
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
    fn an_unknown_setting_is_told_with_the_nearest_known_one() {
        let known = ["TIERPIX_BIND", "TIERPIX_TRUSTED_PROXIES"].map(str::to_owned);
        let told = unknown("TIERPIX_TRUSTED_PROXY", &known);
        assert!(
            told.ends_with("did you mean TIERPIX_TRUSTED_PROXIES?"),
            "{told}"
        );
        let told = unknown("TIERPIX_SOMETHING_ELSE", &known);
        assert!(told.ends_with("lists them"), "{told}");
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
