//! Proofs of domains, by a DNS server of this process.

use std::net::SocketAddr;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{RData, Record};
use ouro_adapter_dns::DnsProofs;
use ouro_core::ports::domains::{DomainError, DomainProofs};
use tokio::net::UdpSocket;

/// Answers each question for a name with its TXT records, each a list of strings.
async fn serve(name: &'static str, texts: Vec<Vec<String>>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("its address");
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..length]).expect("a query");
            let answer = answer(&query, name, &texts).to_vec().expect("an answer");
            socket.send_to(&answer, client).await.expect("sent");
        }
    });
    address
}

fn answer(query: &Message, name: &str, texts: &[Vec<String>]) -> Message {
    let question = query.queries[0].clone();
    let asked = question.name().to_ascii().to_lowercase();
    let mut answer = Message::response(query.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    if asked != name {
        answer.metadata.response_code = ResponseCode::NXDomain;
    } else {
        for strings in texts {
            let data = RData::TXT(TXT::new(strings.clone()));
            answer.add_answer(Record::from_rdata(question.name().clone(), 0, data));
        }
    }
    answer.add_query(question);
    answer
}

fn texts(texts: &[&[&str]]) -> Vec<Vec<String>> {
    let strings = |strings: &&[&str]| strings.iter().map(|text| (*text).to_owned()).collect();
    texts.iter().map(strings).collect()
}

#[tokio::test]
async fn one_of_the_records_is_the_token() {
    let all = texts(&[&["v=spf1"], &["the ", "token"]]);
    let server = serve("_ouro-challenge.www.example.com.", all).await;
    let proofs = DnsProofs::new(Some(server));
    assert!(proofs.required());
    assert_eq!(proofs.check("www.example.com", "the token").await, Ok(()));
    for token in ["the ", "token", "the token ", ""] {
        let error = proofs.check("www.example.com", token).await;
        let Err(DomainError::Unproven(text)) = error else {
            panic!("{token}: {error:?}");
        };
        assert!(text.contains("none of the 2 TXT records"), "{text}");
    }
}

#[tokio::test]
async fn a_record_of_another_name_is_none() {
    let server = serve("_ouro-challenge.example.com.", texts(&[&["token"]])).await;
    let proofs = DnsProofs::new(Some(server));
    for name in ["www.example.com", "com", "example.org"] {
        let error = proofs.check(name, "token").await;
        assert!(matches!(error, Err(DomainError::Unproven(_))), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_says_nothing() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("its address");
    drop(socket);
    let error = DnsProofs::new(Some(address))
        .check("example.com", "token")
        .await;
    assert!(
        matches!(error, Err(DomainError::Unavailable(_))),
        "{error:?}"
    );
}
