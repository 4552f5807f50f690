//! Somebody who is told: a real HTTP server that remembers every request and answers as it is bid.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The path.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How to answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With a status and more of the head.
    Status(u16, String),
    /// With 204, once somebody else is at the barrier too.
    Held(Arc<Barrier>),
    /// Not at all, for so long.
    Silence(Duration),
}

/// A receiver on a free port.
#[derive(Debug, Clone)]
pub struct Receiver {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    /// Begins to listen. Whatever no answer is left for is answered with 204.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let receiver = Self { address, connections: Arc::default(), arrived: Arc::default(), answers: Arc::default() };
        let each = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let each = each.clone();
                each.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || each.serve(&stream));
            }
        });
        receiver
    }

    /// Where it listens.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How often somebody connected, whatever they said.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Answers the next requests so.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().expect("answers").extend(answers);
    }

    /// What has arrived so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("requests").clone()
    }

    /// Waits until so many requests have arrived.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Arrived> {
        let begun = Instant::now();
        loop {
            let arrived = self.arrived();
            if arrived.len() >= count {
                return arrived;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "{} of {count} requests arrived", arrived.len());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        if reader.read_line(&mut first).is_err() {
            return;
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            let _ = reader.read_line(&mut line).expect("a head");
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
                None => break,
            }
        }
        let length = headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().expect("a length"));
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let answer = self.answers.lock().expect("answers").pop_front().unwrap_or(Answer::Status(204, String::new()));
        self.arrived.lock().expect("requests").push(Arrived { path, headers, body });
        let mut stream = stream;
        match answer {
            Answer::Status(status, more) => drop(write!(stream, "HTTP/1.1 {status} X\r\n{more}connection: close\r\ncontent-length: 0\r\n\r\n")),
            Answer::Held(until) => {
                until.wait();
                drop(write!(stream, "HTTP/1.1 204 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"));
            }
            Answer::Silence(long) => std::thread::sleep(long),
        }
    }
}

impl Arrived {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }
}
