//! A DNS server of this process, which knows TXT records alone.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

type Records = Arc<Mutex<HashMap<String, Vec<String>>>>;

/// Answers over UDP until it is dropped.
pub struct DnsServer {
    address: SocketAddr,
    records: Records,
    serving: JoinHandle<()>,
}

impl DnsServer {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("its address");
        let records = Records::default();
        let serving = tokio::spawn(serve(socket, records.clone()));
        Self {
            address,
            records,
            serving,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has the name have one more TXT record.
    pub fn add(&self, name: &str, text: &str) {
        let mut records = self.records.lock().expect("records");
        let texts = records.entry(name.to_owned()).or_default();
        texts.push(text.to_owned());
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, records: Records) {
    let mut buffer = [0; 512];
    while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
        let answer = answer(&buffer[..length], &records);
        // A client that has gone asks again, if it wants to know.
        let _ = socket.send_to(&answer, client).await;
    }
}

/// RFC 1035 4.1: header, question and answers.
fn answer(query: &[u8], records: &Records) -> Vec<u8> {
    let (name, end) = question(query);
    let records = records.lock().expect("records");
    let texts = records.get(&name).map_or(&[][..], Vec::as_slice);
    let code: u16 = if texts.is_empty() { 3 } else { 0 };
    let mut answer = query[..2].to_vec();
    let counts = [0x8580 | code, 1, texts.len() as u16, 0, 0];
    answer.extend(counts.into_iter().flat_map(u16::to_be_bytes));
    answer.extend(&query[12..end]);
    for text in texts {
        // The name of the question, TXT, IN, for no time at all.
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0]);
        answer.extend((text.len() as u16 + 1).to_be_bytes());
        answer.push(u8::try_from(text.len()).expect("a short text"));
        answer.extend(text.as_bytes());
    }
    answer
}

/// The name that is asked for, in lower case, and where the question ends.
fn question(query: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let label = &query[at + 1..at + 1 + usize::from(query[at])];
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += 1 + label.len();
    }
    // The root, type and class.
    (labels.join("."), at + 5)
}
