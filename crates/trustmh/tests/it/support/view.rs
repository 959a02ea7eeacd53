//! The viewer as a process, spoken to without a browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use super::{only_run, program, trustmh};

/// The viewer, until it is dropped.
pub struct View {
    child: Child,
    pub address: String,
    pub token: String,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl View {
    pub fn start(folder: &Path, more: &[&str]) -> Self {
        Self::start_with(folder, more, &[])
    }

    /// The same with variables of the environment.
    pub fn start_with(folder: &Path, more: &[&str], set: &[(&str, &str)]) -> Self {
        let mut command = program(folder);
        command.envs(set.iter().copied());
        command.env("VIEW_PASSWORD", "open sesame, please");
        Self::of(command.args(["view", "runs"]).args(more))
    }

    /// The viewer by a command of its own.
    pub fn of(command: &mut std::process::Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let (address, token) = url
            .trim()
            .strip_prefix("http://")
            .unwrap()
            .trim_end_matches('/')
            .split_once('/')
            .unwrap();
        Self { child, address: address.to_owned(), token: token.to_owned() }
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The answer to a request as it is written; `{host}` is the viewer's own.
    pub fn raw(&self, request: &str) -> Answer {
        let port = self.address.rsplit(':').next().unwrap();
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        stream.write_all(request.replace("{host}", &self.address).as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    pub fn get_with(&self, path: &str, headers: &str) -> Answer {
        let token = &self.token;
        self.raw(&format!("GET /{token}{path} HTTP/1.0\r\n{headers}Connection: close\r\n\r\n"))
    }

    /// A page, after the warning was read.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, "Host: {host}\r\nCookie: trustmh_seen=1\r\n")
    }

    pub fn post(&self, path: &str, form: &str, headers: &str) -> Answer {
        self.raw(&format!(
            "POST /{}{path} HTTP/1.0\r\nHost: {{host}}\r\nCookie: trustmh_seen=1\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            self.token,
            form.len()
        ))
    }
}

impl Drop for View {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The name of a run of `tasks`, judged by a scripted model.
pub fn a_run(folder: &Path, subject: &str, tasks: &str) -> String {
    let judge = ["--judge", "scripted/judge:1"];
    let arguments = ["run", "--tasks", tasks, "--progress", "none", "--subject", subject];
    trustmh(folder, arguments.iter().chain(&judge)).with_code(0);
    only_run(&folder.join("runs")).file_name().unwrap().to_string_lossy().into_owned()
}
