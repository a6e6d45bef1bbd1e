//! No process outlives the one that started it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use emr_sandbox::Binaries;

/// The kernel closes the pipe of a process that is gone, killed ones too; a warden acts on that.
#[test]
fn nothing_outlives_the_process_that_started_it() {
    let binaries = Binaries::ensure(&|_| {}).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut warden = Command::new(binaries.program("warden"))
            .arg("run")
            .arg(folder.path().join("sleep.log"))
            .args(["sleep", "1000"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(warden.stdout.take().unwrap())
            .read_line(&mut pid)
            .unwrap();
        let child = format!("/proc/{}", pid.trim());
        assert!(Path::new(&child).exists());
        (warden, child)
    };

    let (mut warden, child) = start();
    drop(warden.stdin.take());
    warden.wait().unwrap();
    assert!(!Path::new(&child).exists());

    let (mut warden, child) = start();
    warden.kill().unwrap();
    warden.wait().unwrap();
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !Path::new(&child).exists()
    });
    assert!(gone, "the child of a killed warden lives on");
}
