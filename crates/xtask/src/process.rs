//! Running programs: their output streams through, and a failure names the command.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::Result;

/// Runs a program to its end; its output goes where this program's goes.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| cannot_run(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` failed ({status})", shown(command)).into())
}

/// Runs a program and gives what it printed on its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_run(command, &error))?;
    if !output.status.success() {
        return Err(format!("`{}` failed ({})", shown(command), output.status).into());
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("`{}` printed something else than UTF-8", shown(command)).into())
}

/// The error of a program that does not even start.
pub(crate) fn cannot_run(command: &Command, error: &std::io::Error) -> String {
    format!(
        "cannot run `{}`: {error}. Is it installed and on PATH? README.md lists what is needed",
        command.get_program().display()
    )
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().starts_with("`sh -c exit 3` failed"));
    }

    #[test]
    fn a_missing_program_is_told_from_a_failing_one() {
        let error = output(&mut Command::new("no-such-program")).unwrap_err();
        assert!(error.to_string().contains("Is it installed"), "{error}");
    }
}
