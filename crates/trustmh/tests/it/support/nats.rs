//! A NATS server for one test, on a free port of loopback.
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{program, skip};

pub struct Nats {
    child: Child,
    pub port: u16,
    folder: PathBuf,
    config: PathBuf,
}

/// A port that nobody uses at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Nats {
    /// A server with JetStream that lets everybody in. None, with a line that says so, where there is no nats-server.
    pub fn start(folder: &Path) -> Option<Self> {
        Self::with(folder, "jetstream { store_dir: \"STORE\" }")
    }

    /// A server with this configuration, in which STORE stands for the folder of its files.
    pub fn with(folder: &Path, config: &str) -> Option<Self> {
        if Command::new("nats-server").arg("--version").stdout(Stdio::null()).status().is_err() {
            return skip("no nats-server");
        }
        let folder = folder.join(format!("nats-{}", free_port()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("nats.conf");
        let config = config.replace("STORE", &folder.join("store").display().to_string());
        fs::write(&file, config).unwrap();
        let port = free_port();
        let child = spawn(&file, port, &folder);
        let server = Self { child, port, folder, config: file };
        server.wait();
        Some(server)
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn wait(&self) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(20), "no nats-server: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills the server and starts it again on the same files.
    pub fn restart(&mut self) {
        self.kill();
        self.child = spawn(&self.config, self.port, &self.folder);
        self.wait();
    }

    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(config: &Path, port: u16, folder: &Path) -> Child {
    let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    let mut command = Command::new("nats-server");
    command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-c"]).arg(config);
    command.stdout(Stdio::null()).stderr(log);
    command.spawn().unwrap()
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A worker, killed when it is dropped.
pub struct Worker(pub Child);

impl Worker {
    /// A worker of `model` (NAME=URL) at `server`; what it says goes into `name`.log.
    pub fn start(folder: &Path, server: &str, model: &str, name: &str, more: &[&str]) -> Self {
        let log = folder.join(format!("{name}.log"));
        let log = fs::File::options().create(true).append(true).open(log).unwrap();
        let mut command = program(folder);
        command.args(["worker", "--cluster", server, "--model-endpoint", model, "--name", name]);
        command.args(more).stdout(Stdio::null()).stderr(log);
        Self(command.spawn().unwrap())
    }

    pub fn kill(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }

    /// Asks it to end, and returns its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}
