//! Forms as a worker reads them: what `formData()` takes, it writes and reads again to the same, and what it does not take is the worker's to
//! catch. The code is the guest's (`sdk/js`), so it runs there, on a server in this process.
//!
//! The first line of an input is the content type, the rest the body.

use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::Full;
use ouro_test_harness::{Answer, TestServer, TestServerOptions};
use tokio::runtime::Runtime;

use super::{Entry, Target, none, tally};

const HOST: &str = "multipart.localhost";

const WORKER: &str = r#"
async function entries(form) {
  const all = [];
  for (const [name, value] of form) {
    if (typeof value === "string") all.push([name, value]);
    else all.push([name, value.name, value.type, [...new Uint8Array(await value.arrayBuffer())]]);
  }
  return JSON.stringify(all);
}
const again = (form) => new Response(form).formData();
export default {
  async fetch(request) {
    let form;
    try {
      form = await request.formData();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return new Response(error.message, { status: 400 });
    }
    // Line ends are written in one form, so the first reading may differ.
    const second = await again(form);
    const third = await again(second);
    const count = [...form].length;
    return Response.json({ count, same: (await entries(second)) === (await entries(third)), counts: [...third].length });
  },
};
"#;

pub const ENTRY: Entry = Entry {
    name: "multipart",
    start: || {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(async {
            let server = TestServer::with(TestServerOptions::with_built_management()).await;
            server.deploy("multipart", WORKER).await;
            server
        });
        Box::new(Multipart { runtime, server })
    },
    examples: none,
    words: &[
        b"multipart/form-data; boundary=b\n",
        b"application/x-www-form-urlencoded\n",
        b"\r\n--b\r\n",
        b"\r\n--b--",
        b"--b",
        b"Content-Disposition: form-data; name=\"a\"\r\n\r\n",
        b"; filename=\"f.txt\"",
        b"; filename*=UTF-8''a",
        b"Content-Type: text/plain\r\n",
        b"\r\n\r\n",
        b"%22",
        b"%0D%0A",
        b"%0",
        b"\"",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"&a=b",
        b"+",
    ],
    memory: (4 << 20, 64),
};

struct Multipart {
    runtime: Runtime,
    server: TestServer,
}

impl Target for Multipart {
    fn run(&mut self, input: &[u8]) -> String {
        let end = input.iter().position(|byte| *byte == b'\n');
        let (content_type, body) = input.split_at(end.map_or(0, |end| end + 1));
        let Ok(content_type) = HeaderValue::from_bytes(content_type.trim_ascii()) else {
            return "no content type".to_owned();
        };
        let request = Request::post("/")
            .header("content-type", content_type)
            .body(Full::new(Bytes::copy_from_slice(body)))
            .expect("a request");
        let answer = self
            .runtime
            .block_on(self.server.client.call(HOST, request));
        holds(&answer)
    }
}

fn holds(answer: &Answer) -> String {
    match answer.status.as_u16() {
        200 => {
            let answer = answer.json();
            assert_eq!(answer["same"], true, "it reads another form than it wrote");
            assert_eq!(answer["count"], answer["counts"], "an entry was lost");
            let count = answer["count"].as_u64().unwrap_or_default();
            format!("form {}", tally(usize::try_from(count).unwrap_or(9)))
        }
        400 => answer.text().to_owned(),
        status => panic!("{status}: {}", answer.text()),
    }
}
