//! The question that an application puts at its start. Belongs here: putting it. Does not belong here: what its answer means, which is
//! [`crate::machine::Check`]'s.

use super::Client;
use crate::Error;
use crate::machine::Check;
use crate::port::HttpResponse;

impl Client {
    /// Finds out whether logins can work: whether the service is there, knows the application, and takes its secret and its clock.
    ///
    /// To be called when an application starts, and its advice to be logged. It is one signed call that changes nothing: whether a user
    /// that does not exist has a phone. It takes no longer than any other call, and never fails: it returns the problem.
    ///
    /// ```no_run
    /// # async fn start(client: &iampass_core::client::Client) {
    /// let check = client.check().await;
    /// if !check.is_ok() {
    ///     eprintln!("nobody can log in: {check}");
    /// }
    /// # }
    /// ```
    pub async fn check(&self) -> Check {
        let server = self.application().server();
        match self.ask_for_nobody().await {
            Ok(answer) => Check::of_answer(server, &answer, self.now()),
            Err(error) => Check::of_failure(server, error),
        }
    }

    async fn ask_for_nobody(&self) -> Result<HttpResponse, Error> {
        let draw = self.ports().entropy.draw()?;
        self.run(Check::call(self.application(), self.retry_policy(), draw)?).await
    }
}
