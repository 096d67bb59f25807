//! Settings from a file of lines `NAME=value`.

use std::{ffi::OsString, fs, io, path::PathBuf};

/// The file that is read if none is named and it is there.
const DEFAULT: &str = ".env";

/// The flag and the variable that name another one.
const FLAG: &str = "--env-file";
const VARIABLE: &str = "TIERPIX_ENV_FILE";

/// Why the settings of a file do not count.
#[derive(Debug, thiserror::Error)]
pub enum EnvFileError {
    /// The file that was named cannot be read.
    #[error("TIERPIX_ENV_FILE: cannot read “{}”: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A line is no setting. What it holds may be a secret, and is not told.
    #[error("{}: line {line} is not written as NAME=value", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1 on.
        line: usize,
    },
}

/// Reads the file that the command line or the environment names, else `.env` of the current folder if it is there. What the
/// environment says already stays. Returns what to warn of.
pub fn load(arguments: &[OsString]) -> Result<Option<String>, EnvFileError> {
    let named = named(arguments).or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| DEFAULT.into());
    if named.is_none() && fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        return Ok(Some(format!(
            "{} is passed over: it is no file",
            path.display()
        )));
    }
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if named.is_none() => {
            let is_there = error.kind() != io::ErrorKind::NotFound;
            return Ok(is_there.then(|| format!("{} is passed over: {error}", path.display())));
        }
        Err(error) => return Err(EnvFileError::Unreadable { path, error }),
    };
    let text = String::from_utf8_lossy(&text);
    // Some editors begin files with a byte order mark.
    let text = with_plain_dollars(text.trim_start_matches('\u{feff}'));
    if let Some(line) = malformed_line(&text) {
        return Err(EnvFileError::Malformed { path, line });
    }
    // Every line of it was read just now.
    let _ = dotenvy::from_read(text.as_bytes());
    Ok(None)
}

fn named(arguments: &[OsString]) -> Option<PathBuf> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_str().unwrap_or_default();
        if text == FLAG {
            return arguments.next().map(PathBuf::from);
        }
        if let Some(path) = text
            .strip_prefix(FLAG)
            .and_then(|rest| rest.strip_prefix('='))
        {
            return Some(path.into());
        }
    }
    None
}

/// The number of the first line that is no setting.
fn malformed_line(text: &str) -> Option<usize> {
    let wrong = dotenvy::Iter::new(text.as_bytes()).find_map(|read| match read {
        Err(dotenvy::Error::LineParse(line, _)) => Some(line),
        Err(_) => Some(String::new()),
        Ok(_) => None,
    })?;
    // A value in quotes may go on for lines.
    let begins = wrong.lines().next().unwrap_or_default().trim();
    let found = text.lines().position(|line| line.trim() == begins);
    Some(found.map_or(1, |index| index + 1))
}

/// Passwords have dollars: none stands for another variable's value.
fn with_plain_dollars(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quoted = false;
        let mut escaped = false;
        for character in line.chars() {
            match character {
                '\'' if !escaped => quoted = !quoted,
                '$' if !quoted && !escaped => plain.push('\\'),
                _ => {}
            }
            escaped = character == '\\' && !quoted && !escaped;
            plain.push(character);
        }
        plain.push('\n');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let text = with_plain_dollars(text);
        dotenvy::Iter::new(text.as_bytes())
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn a_dollar_is_a_dollar_however_it_is_quoted() {
        let text = "A=pa$word\nB=\"pa$word${C}\"\nC='pa$word'\nD=pa\\$word\n";
        let values: Vec<_> = values(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["pa$word", "pa$word${C}", "pa$word", "pa$word"]);
    }

    #[test]
    fn a_line_that_is_no_setting_is_told_by_its_number() {
        let malformed = |text: &str| malformed_line(&with_plain_dollars(text));
        assert_eq!(malformed("A=1\n# a comment\n\nexport B=2\n"), None);
        assert_eq!(malformed("A=1\nnot a setting\nB=2\n"), Some(2));
        assert_eq!(malformed("A='unfinished\n"), Some(1));
        assert_eq!(malformed("A=\"two\nlines\"\nB=2\n"), None);
    }

    #[test]
    fn a_file_is_named_by_a_flag_in_either_form() {
        let named =
            |arguments: &[&str]| named(&arguments.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(named(&["tierpix", "--env-file", "/a"]), Some("/a".into()));
        assert_eq!(
            named(&["tierpix", "serve", "--env-file=/b"]),
            Some("/b".into())
        );
        assert_eq!(named(&["tierpix", "--env-files=/b"]), None);
    }
}
