//! What the learner's clients are told: a profile in a file of the run's folder, and the lines that make a shell use it.
//! Keys are dummies and the region does not exist, so that a client that overlooks the address reaches nobody. Does not
//! know what is served.

use super::REGION;
use super::sign::Key;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

const FILE: &str = "aws-config";
const SCRIPT: &str = "door.sh";

/// Services of which some clients know better than the common address where they are: the first version of the command
/// takes SQS's old host name in regions that it knows.
const NAMED: &[&str] = &["cloudwatch", "cost_explorer", "ec2", "lambda", "s3", "sns", "sqs", "sts"];

/// A profile `sim`, in the form of the AWS SDKs' shared config file.
pub fn config(key: &Key, address: SocketAddr) -> String {
    let mut text = format!(
        "# Made by whodunit for one run of a simulated account. The keys open nothing else; the region does not exist.\n\
         [profile sim]\nregion = {REGION}\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         endpoint_url = http://{address}\nservices = sim\n\n[services sim]\n",
        key.id, key.secret
    );
    for service in NAMED {
        text.push_str(&format!("{service} =\n  endpoint_url = http://{address}\n"));
    }
    text
}

/// Writes the profile and the shell's lines where only their owner reads them; gives back the lines' file.
pub fn keep(folder: &Path, key: &Key, address: SocketAddr) -> io::Result<PathBuf> {
    let folder = folder.canonicalize()?;
    let profile = put(&folder.join(FILE), &config(key, address))?;
    put(&folder.join(SCRIPT), &exports(address, &profile))
}

fn put(path: &Path, text: &str) -> io::Result<PathBuf> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())?;
    Ok(path.to_path_buf())
}

/// Lines for a POSIX shell. Whatever other credentials its environment has would win over the profile, so they go.
pub fn exports(address: SocketAddr, config: &Path) -> String {
    let quoted = config.display().to_string().replace('\'', "'\\''");
    format!(
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_DEFAULT_PROFILE\n\
         export AWS_CONFIG_FILE='{quoted}' AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PROFILE=sim\n\
         export AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION} AWS_ENDPOINT_URL=http://{address}\n"
    )
}

/// Lines for clients that know no profiles.
pub fn bare_exports(key: &Key, address: SocketAddr) -> String {
    format!(
        "export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}\n\
         export AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION} AWS_ENDPOINT_URL=http://{address}\n",
        key.id, key.secret
    )
}
