//! Callers of a node while its database fails: `iampass-failover`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::node::Node;
use crate::{Failure, cargo};

/// The callers; they end with their owner.
pub(super) struct Load {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The ends of many questions that were asked at once.
pub(super) struct Flood {
    /// 503 with `Retry-After`.
    pub(super) refused: u64,
    pub(super) otherwise: u64,
    pub(super) longest_ms: u64,
}

impl Load {
    /// Starts them, and waits until somebody has logged in.
    pub(super) fn on(node: &Node) -> Result<Self, Failure> {
        let mut process = Command::new(cargo::built("iampass-failover")?)
            .envs(node.application()?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = process.stdin.take().ok_or("it reads no commands")?;
        let answers = BufReader::new(process.stdout.take().ok_or("it says nothing")?);
        let mut load = Self { process, commands, answers };
        load.login_ms()?;
        Ok(load)
    }

    fn asked(&mut self, command: &str) -> Result<Value, Failure> {
        writeln!(self.commands, "{command}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        if answer.is_empty() {
            return Err(format!("iampass-failover ended before it answered {command:?}").into());
        }
        Ok(serde_json::from_str(&answer)?)
    }

    /// How long it takes from now until a login has worked.
    pub(super) fn login_ms(&mut self) -> Result<u64, Failure> {
        number(&self.asked("login")?, "after_ms")
    }

    /// Opens so many connections, and asks one question by each.
    pub(super) fn connect(&mut self, count: usize) -> Result<(), Failure> {
        self.asked(&format!("connect {count}")).map(drop)
    }

    /// Asks a question by each of them, all at once.
    pub(super) fn flood(&mut self) -> Result<Flood, Failure> {
        let ends = self.asked("flood")?;
        Ok(Flood {
            refused: number(&ends, "refused")?,
            otherwise: number(&ends, "otherwise")?,
            longest_ms: number(&ends, "longest_ms")?,
        })
    }

    /// Ends them. `Err` when a change that was acknowledged is not there.
    pub(super) fn nothing_is_lost(mut self) -> Result<(), Failure> {
        let found = self.asked("end")?;
        let lost = found.get("lost").and_then(Value::as_array).ok_or("it does not say what is lost")?;
        match (number(&found, "acknowledged")?, lost.len()) {
            (0, _) => Err("no change was acknowledged at all".into()),
            (_, 0) => Ok(()),
            (acknowledged, count) => {
                Err(format!("{count} of {acknowledged} acknowledged changes are lost").into())
            }
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn number(answer: &Value, name: &str) -> Result<u64, Failure> {
    answer.get(name).and_then(Value::as_u64).ok_or_else(|| format!("it does not say {name}: {answer}").into())
}
