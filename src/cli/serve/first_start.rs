//! What someone finds who starts the service for the first time: an account, and a line to try it with.

use std::fs;

use jpeg_encoder::{ColorType, Encoder};
use rand::{RngExt, distr::Alphanumeric};

use super::CliError;
use crate::{
    cli::{tables, user},
    datadir::{DataDir, DataDirError},
    db::{Database, users::AnyUser},
    domain::{staff::StaffRole, user::UserFields},
};

/// Alphanumeric characters of a generated password: 119 bits.
const PASSWORD_LENGTH: usize = 20;

/// On a database without any user, makes `admin` and tells its password, once.
pub async fn make_admin(
    database: &Database,
    data_dir: &DataDir,
    url: &str,
) -> Result<(), CliError> {
    if database.run(AnyUser).await? {
        return Ok(());
    }
    let password: String = rand::rng()
        .sample_iter(Alphanumeric)
        .take(PASSWORD_LENGTH)
        .map(char::from)
        .collect();
    let admin = UserFields {
        tier: Some("Enterprise".parse()?),
        role: Some(StaffRole::Superuser),
        ..UserFields::new("admin".parse()?)
    };
    let sample = data_dir.path().join("sample.jpg");
    fs::write(&sample, sample_picture()?).map_err(DataDirError::unusable(&sample))?;
    // Last: from here on nothing may fail before the password is told.
    user::insert(database, admin, password.parse()?).await?;
    tables::say(format_args!(
        "\nMade the user admin with the password {password}\nIt is shown this once. Upload a picture with it:\n\n  \
         curl -u admin:{password} -F image=@{} -F expiring_time_seconds=3600 {url}/api/v1/images_upload/\n",
        shell_word(&sample.to_string_lossy()),
    ))
}

/// A sky over a hill, so that the first upload works without looking for a picture.
fn sample_picture() -> Result<Vec<u8>, CliError> {
    const WIDTH: u16 = 1200;
    const HEIGHT: u16 = 800;
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..HEIGHT {
        let height = f32::from(y) / f32::from(HEIGHT);
        for x in 0..WIDTH {
            let hill =
                0.7 + 0.12 * (f32::from(x) / 190.0).sin() - 0.05 * (f32::from(x) / 70.0).cos();
            let [red, green, blue] = if height > hill {
                [
                    60.0 + 60.0 * (height - hill),
                    120.0 - 90.0 * (height - hill),
                    70.0,
                ]
            } else {
                [90.0 + 150.0 * height, 150.0 + 80.0 * height, 235.0]
            };
            pixels.extend([red as u8, green as u8, blue as u8]);
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 85)
        .encode(&pixels, WIDTH, HEIGHT, ColorType::Rgb)
        .map_err(|error| CliError::because(format!("cannot make the sample picture: {error}")))?;
    Ok(jpeg)
}

/// A word that a shell reads as it is.
fn shell_word(text: &str) -> String {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_and_quotes_can_be_pasted() {
        assert_eq!(shell_word("/var/lib/tierpix"), "/var/lib/tierpix");
        assert_eq!(shell_word("/a b/it's"), r"'/a b/it'\''s'");
    }
}
