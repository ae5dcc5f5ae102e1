//! A forwarder of connections that can be led to another server, as a proxy or a moved address is. Connections that there are stay.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::Failure;

pub(super) struct Forwarder {
    port: u16,
    to: Arc<AtomicU16>,
}

impl Forwarder {
    pub(super) fn to(port: u16) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let own = listener.local_addr()?.port();
        let to = Arc::new(AtomicU16::new(port));
        let target = Arc::clone(&to);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", target.load(Ordering::SeqCst))) {
                    let _ = pass_on(&stream, &server).and_then(|()| pass_on(&server, &stream));
                }
            }
        });
        Ok(Self { port: own, to })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn lead_to(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
    }
}

fn pass_on(from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
        let _ = from.shutdown(std::net::Shutdown::Both);
    });
    Ok(())
}
