//! The Unix socket for operators: whoever may open the file may order.

use anyhow::{Context, bail};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::convert::Infallible;
use std::fmt;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A path, or nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OpsSocket {
    At(PathBuf),
    /// Nobody said where; another node may be there already.
    Usual(PathBuf),
    Off,
}

/// Where it is unless told otherwise.
pub(crate) fn usual_path(data: &Path) -> PathBuf {
    data.join("ops.sock")
}

impl FromStr for OpsSocket {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "off" { Self::Off } else { Self::At(text.into()) })
    }
}

impl fmt::Display for OpsSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(path) | Self::Usual(path) => path.display().fmt(f),
            Self::Off => f.write_str("off"),
        }
    }
}

impl Serialize for OpsSocket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OpsSocket {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let Ok(socket) = text.parse();
        Ok(socket)
    }
}

/// The socket of a node that runs; its file goes with it.
#[derive(Debug)]
pub(crate) struct BoundSocket {
    pub(super) listener: UnixListener,
    pub(super) path: PathBuf,
}

/// Takes the path. The file of a node that is gone is replaced, one that answers is not, and nothing else is touched.
pub(crate) fn bind(socket: &OpsSocket) -> anyhow::Result<Option<BoundSocket>> {
    let path = match socket {
        OpsSocket::Off => return Ok(None),
        OpsSocket::Usual(path) if UnixStream::connect(path).is_ok() => {
            tracing::warn!(
                "another node with this data folder answers operators at {}; this one has no socket: --ops-socket names one",
                path.display()
            );
            return Ok(None);
        }
        OpsSocket::At(path) | OpsSocket::Usual(path) => path,
    };
    let about = || {
        format!(
            "cannot listen for operators on {} (--ops-socket names another place, or is off)",
            path.display()
        )
    };
    remove_stale(path).with_context(about)?;
    let listener = UnixListener::bind(path).with_context(about)?;
    // Whoever connects needs the right to write, which no usual umask gives to others meanwhile.
    fs::set_permissions(path, Permissions::from_mode(0o600)).with_context(about)?;
    Ok(Some(BoundSocket { listener, path: path.clone() }))
}

fn remove_stale(path: &Path) -> anyhow::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if !kind.is_socket() {
        bail!("there is a file that is no socket");
    }
    match UnixStream::connect(path) {
        Ok(_) => bail!("another node answers there"),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(fs::remove_file(path)?),
        Err(error) => Err(error.into()),
    }
}

impl Drop for BoundSocket {
    fn drop(&mut self) {
        // Whoever comes next finds it stale otherwise.
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &Path) -> OpsSocket {
        OpsSocket::At(path.to_owned())
    }

    #[test]
    fn what_a_dead_node_left_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ops.sock");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "a socket outlives its process");
        let live = bind(&at(&path)).unwrap().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let refused = bind(&at(&path)).unwrap_err();
        assert!(format!("{refused:#}").contains("another node answers"), "{refused:#}");
        let usual = OpsSocket::Usual(path.clone());
        assert!(bind(&usual).unwrap().is_none(), "two nodes may have one folder");
        drop(live);
        assert!(!path.exists());
    }

    #[test]
    fn a_file_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ops.sock");
        fs::write(&path, "precious").unwrap();
        let refused = bind(&at(&path)).unwrap_err();
        assert!(format!("{refused:#}").contains("no socket"), "{refused:#}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert!(bind(&at(&folder.path().join("missing/ops.sock"))).is_err());
        assert!(bind(&at(&folder.path().join("x".repeat(200)))).is_err());
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["off", "/run/holdfast/ops.sock"] {
            let Ok(socket) = text.parse::<OpsSocket>();
            assert_eq!(socket.to_string(), text);
        }
        assert!(bind(&OpsSocket::Off).unwrap().is_none());
    }
}
