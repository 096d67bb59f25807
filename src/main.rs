//! The program `tierpix`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tierpix::cli::run()
}
