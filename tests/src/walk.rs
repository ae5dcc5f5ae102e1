//! A *Getting started* example as a process, with a virtual phone in the place of a person.
#![allow(clippy::expect_used, clippy::panic, reason = "it is a test's own part, and a test's way to fail")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use iampass_core::RegistrationLink;
use iampass_server::Approval;
use iampass_testkit::TestService;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

/// For each step, on a busy machine.
const STEP: Duration = Duration::from_secs(60);

/// Runs the example `program` in the folder `folder` to its end: registers a phone with the link that it shows, accepts, and ends the
/// session on the phone. Gives what it said.
///
/// # Panics
/// When it does not come to its end.
pub async fn walked_through(program: &Path, folder: &Path) -> String {
    // As an application that was added in the Console: a tap is not enough for it.
    let service = TestService::builder().approval(Approval::Code).start().await.expect("the service starts");
    let mut example = Command::new(program)
        .current_dir(folder)
        .env("IAMPASS_SERVER", service.server_url())
        .env("IAMPASS_APPLICATION_ID", service.application_id().as_str())
        .env("IAMPASS_APPLICATION_SECRET", service.application_secret().expose())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the example starts");
    let mut output = Output {
        lines: BufReader::new(example.stdout.take().expect("its output")).lines(),
        said: String::new(),
    };

    let line = output.until("/r/").await;
    let link = line.split_whitespace().find(|word| word.contains("/r/")).expect("a link");
    let link = RegistrationLink::parse(link).expect("a registration link");
    let phone = service.register_phone(&link).await.expect("the phone is registered");
    let line = output.until("Type these digits").await;
    let digits = line.rsplit(' ').next().expect("six digits");
    phone.accept_code(digits).await.expect("the phone brings the code");
    output.until("Its session is stored").await;
    phone.log_out().await.expect("the phone ends the session");
    output.until("That is all").await;
    let status = tokio::time::timeout(STEP, example.wait()).await.expect("it ends").expect("it ran");
    assert!(status.success(), "{status}: {}", output.said);
    output.said
}

struct Output<R> {
    lines: tokio::io::Lines<BufReader<R>>,
    said: String,
}

impl<R: AsyncRead + Unpin> Output<R> {
    async fn until(&mut self, part: &str) -> String {
        loop {
            let line = tokio::time::timeout(STEP, self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("it does not say {part}, only: {}", self.said));
            let Some(line) = line.expect("its output is text") else {
                panic!("it ended without saying {part}: {}", self.said)
            };
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(part) {
                return line;
            }
        }
    }
}
