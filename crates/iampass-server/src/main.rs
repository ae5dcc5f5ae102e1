//! `iampass-server`: the IAMPASS service as a program. Everything is in the library; see [`iampass_server::cli`].

fn main() -> std::process::ExitCode {
    iampass_server::cli::main()
}
