//! A site of somebody else, which would like to do something in the visitor's name.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub(crate) struct OtherSite {
    port: u16,
    serving: tokio::task::JoinHandle<()>,
}

impl OtherSite {
    /// Its forms are sent to the application at `target`. It answers every request the same.
    pub(crate) async fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Its own policy forbids the script in it.
        let page = format!(
            "<!doctype html><title>Another site</title><h1>Another site</h1><script>document.title = 'Broken';</script>\
             <form id=\"log-out\" method=\"post\" action=\"{target}/auth/logout\"><button>A prize</button></form>\
             <form id=\"log-in\" method=\"post\" action=\"{target}/auth/login\"><button>A kitten</button>\
             <input type=\"hidden\" name=\"login_name\" value=\"anna\"><input type=\"hidden\" name=\"return_to\" value=\"/page\"></form>"
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-security-policy: script-src 'self'\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{page}",
            page.len()
        );
        let serving = tokio::spawn(async move {
            while let Ok((mut visitor, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut request = [0; 8 * 1024];
                    // All of it fits into one packet; of what is asked, nothing matters.
                    if visitor.read(&mut request).await.is_ok_and(|length| length > 0) {
                        let _ = visitor.write_all(answer.as_bytes()).await;
                        let _ = visitor.shutdown().await;
                    }
                });
            }
        });
        Self { port, serving }
    }

    /// The application's host, another port: another origin, but the same site, so cookies are sent along.
    pub(crate) fn on_the_same_host(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Another host, so another site.
    pub(crate) fn on_another_host(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }
}

impl Drop for OtherSite {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
