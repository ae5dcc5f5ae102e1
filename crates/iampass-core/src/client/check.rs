//! The question that an application puts at its start. Belongs here: putting it. Does not belong here: what its answer means, which is
//! [`crate::machine::Check`]'s.

use super::Client;
use crate::machine::{Call, Check, Repeat, calls};
use crate::port::HttpResponse;
use crate::{Draw, Error, UserToken};

impl Client {
    /// Finds out whether logins can work: whether the service is there, knows the application, and takes its secret and its clock.
    ///
    /// To be called when an application starts, and its advice to be logged. It is one signed call that changes nothing: whether a user
    /// that nobody has has a phone. It takes no longer than any other call, and never fails: what is wrong is what it says.
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
        let nobody = nobody(self.ports().entropy.draw()?)?;
        let call = calls::has_registered_device(self.application(), &nobody);
        // Every answer is one, whatever it says: a refusal is what is looked for.
        let whole = |answer: &HttpResponse| Ok(answer.clone());
        self.run(Call::new(call, whole, self.retry_policy(), Repeat::WhenItMayHelp)).await
    }
}

/// A token that no user has: nobody could guess it, so no application has given it out.
fn nobody(draw: Draw) -> Result<UserToken, Error> {
    let text: String = draw.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(UserToken::new(format!("check-{text}"))?)
}
