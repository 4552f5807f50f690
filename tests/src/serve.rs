//! The program as a server, asked over real HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

use crate::Site;
use crate::described::demand_described;

/// A running server; it is asked to end when this is dropped.
pub struct Serving {
    child: Child,
    address: String,
    agent: Agent,
    /// The token that requests show; none where it is empty.
    token: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Site {
    /// Serves this installation on a free port, for somebody who may do everything.
    pub fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// Likewise, with variables of the environment.
    pub fn serve_with(&self, variables: &[(&str, &str)]) -> Serving {
        let mut command = self.command(["serve"]);
        // Where it binds may be among the variables.
        command.env("RECOUP__SERVER__BIND", "127.0.0.1:0");
        let mut child = command.envs(variables.iter().copied()).stderr(std::process::Stdio::inherit()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("standard output")).read_line(&mut line).expect("the server says where it listens");
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("the server said `{line}`")).to_owned();
        let token = self.everything();
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(600))).build().into();
        Serving { child, address, agent, token }
    }
}

impl Serving {
    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What follows is asked with another token, or none where it is empty.
    pub fn with(&mut self, token: &str) -> &mut Self {
        token.clone_into(&mut self.token);
        self
    }

    /// The header that shows the token.
    fn authorization(&self) -> Vec<(&str, String)> {
        if self.token.is_empty() { Vec::new() } else { vec![("authorization", format!("Bearer {}", self.token))] }
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Reply {
        self.ask(path, &[])
    }

    /// An answer of an operation, which must be one that the description has.
    fn answer(&self, method: &str, path: &str, response: ureq::http::Response<ureq::Body>) -> Reply {
        let reply = Reply::of(response);
        demand_described(method, path, &reply);
        reply
    }

    /// Asks for a path, with headers.
    pub fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let own = self.authorization();
        let own = own.iter().map(|(name, value)| (*name, value.as_str())).filter(|(name, _)| headers.iter().all(|(n, _)| n != name));
        let request = own.chain(headers.iter().copied()).fold(self.agent.get(format!("{}{path}", self.address)), |r, (name, value)| r.header(name, value));
        self.answer("get", path, request.call().expect("the server answers"))
    }

    /// Sends a body to a path.
    pub fn post(&self, path: &str, body: &[u8]) -> Reply {
        let request = self.authorization().into_iter().fold(self.agent.post(format!("{}{path}", self.address)), |r, (name, value)| r.header(name, value));
        self.answer("post", path, request.send(body).expect("the server answers"))
    }

    /// Posts JSON under a key.
    pub fn command(&self, path: &str, key: &str, body: &Value) -> Reply {
        self.send("POST", path, &[("idempotency-key", key), ("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// Sends a body with a method and headers.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        let request = self.authorization().into_iter().fold(request, |r, (name, value)| r.header(name, value));
        let request = headers.iter().fold(request, |r, (name, value)| r.header(*name, *value)).body(body).expect("a request");
        self.answer(&method.to_lowercase(), path, self.agent.run(request).expect("the server answers"))
    }

    /// Creates a source of `main` that reads a profile.
    pub fn source(&self, name: &str, profile: &str) {
        let body = serde_json::json!({"name": name, "profile": profile});
        let _ = self.command("/api/v1/ledgers/main/sources", &format!("source {name}").replace(' ', "-"), &body).is(201);
    }

    /// Sends a file to a source of `main`.
    pub fn upload(&self, source: &str, key: &str, file_name: &str, bytes: &[u8]) -> Reply {
        let path = format!("/api/v1/ledgers/main/sources/{source}/imports?file_name={file_name}");
        self.send("POST", &path, &[("idempotency-key", key)], bytes)
    }

    /// A job, as it is when it has got into one of some states.
    #[track_caller]
    pub fn job_in(&self, at: &str, states: &[&str]) -> Value {
        let begun = Instant::now();
        loop {
            let job = self.get(at).is(200).json();
            let state = job.get("state").and_then(Value::as_str).expect("a job has a state");
            if states.contains(&state) {
                return job;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "the job stays so: {job}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Likewise, when it has ended.
    #[track_caller]
    pub fn job_ended(&self, at: &str) -> Value {
        self.job_in(at, &["done", "failed", "cancelled"])
    }

    /// Reads a stream of events until it ends: name and data of each.
    pub fn events(&self, path: &str) -> Vec<(String, Value)> {
        let request = self.authorization().into_iter().fold(self.agent.get(format!("{}{path}", self.address)), |r, (name, value)| r.header(name, value));
        let response = request.call().expect("the server answers");
        assert_eq!(response.headers().get("content-type").map(|v| v.to_str().ok()), Some(Some("text/event-stream")));
        let (mut events, mut name) = (Vec::new(), String::new());
        for line in BufReader::new(response.into_body().into_reader()).lines() {
            let line = line.expect("the stream ends in order");
            if let Some(event) = line.strip_prefix("event: ") {
                event.clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                events.push((name.clone(), serde_json::from_str(data).expect("data is JSON")));
            }
        }
        events
    }

    /// Kills the server at once.
    pub fn kill(mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server ends");
    }

    /// Every row of a list, page by page.
    pub fn pages(&self, path: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let page = self.get(&path).is(200).json();
            pages.push(page.get("items").and_then(Value::as_array).cloned().expect("a page has items"));
            next = page.get("next").and_then(Value::as_str).map(str::to_owned);
        }
        pages
    }

    /// Rows of the first page of a list.
    pub fn rows(&self, path: &str) -> Vec<Value> {
        self.get(path).is(200).json().get("items").and_then(Value::as_array).cloned().expect("a page has items")
    }

    /// The process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to end, and waits until it has.
    pub fn end(mut self, signal: &str) -> i32 {
        send(self.child.id(), signal);
        wait(&mut self.child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            send(self.child.id(), "TERM");
            wait(&mut self.child);
        }
    }
}

/// Sends a signal to a process that a test started.
fn send(process: u32, signal: &str) {
    let sent = Command::new("kill").args([format!("-{signal}"), process.to_string()]).status().expect("kill");
    assert!(sent.success(), "the server was gone before it was asked to end");
}

/// The exit code; a server that does not end is killed.
fn wait(child: &mut Child) -> i32 {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        if let Some(status) = child.try_wait().expect("the server can be waited for") {
            return status.code().unwrap_or(-1);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().expect("the server can be killed");
    -1
}

impl Reply {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let headers = response.headers().iter().map(|(n, v)| (n.as_str().to_owned(), v.to_str().expect("a header is text").to_owned())).collect();
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().expect("the answer arrives whole");
        Self { status: response.status().as_u16(), headers, body }
    }

    /// Demands a status.
    #[must_use]
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert!(self.status == status, "status {} instead of {status}: {}", self.status, self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.text()))
    }

    /// The code of a problem, if it is one.
    pub fn json_code(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        body.get("code").and_then(Value::as_str).map(str::to_owned)
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
}
