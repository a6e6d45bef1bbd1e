//! The API server as a part that can be away: tests stop it and start it again, and see what those
//! who depend on it make of that.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kube::Client;

use super::start::{START, healthy};
use crate::{
    Binaries, Result,
    process::{Process, Program},
};

/// Its program, and its name among the parts.
pub(super) const NAME: &str = "kube-apiserver";

/// The API server, running or not.
#[derive(Debug)]
pub(super) struct ApiServer {
    program: Program,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl ApiServer {
    /// Starts its process, without waiting for it.
    pub(super) fn launch(
        binaries: &Binaries,
        folder: &Path,
        arguments: Vec<String>,
        port: u16,
    ) -> Result<Self> {
        let program = Program::new(NAME, binaries.program(NAME), arguments);
        let process = Process::start(binaries, folder, &program)?;
        Ok(Self {
            program,
            port,
            process: Mutex::new(Some(process)),
        })
    }

    /// Returns when it is ready; starts it first where it does not run.
    pub(super) async fn start(
        &self,
        binaries: &Binaries,
        folder: &Path,
        client: &Client,
    ) -> Result<()> {
        let running = self.process().take();
        let mut process = match running {
            Some(process) => process,
            None => Process::start(binaries, folder, &self.program)?,
        };
        process.ready(self.port, START, || healthy(client)).await?;
        *self.process() = Some(process);
        Ok(())
    }

    /// Kills it.
    pub(super) fn stop(&self) {
        *self.process() = None;
    }

    /// Its process id, while it runs.
    pub(super) fn pid(&self) -> Option<i32> {
        self.process().as_ref().map(Process::pid)
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
