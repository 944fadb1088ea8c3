"""Files of weights from third-party packages, read without running the packages' code."""

import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from convnet.types import FilePath

__all__ = ["PackagedFile"]


@dataclass(frozen=True)
class PackagedFile:
    """A file of one version of a package.

    Attributes
    ----------
    package, version : str
        Name and version of the package for pip.
    name : str
        Path of the file, relative to the folder in which packages are installed.
    sha256 : str
        SHA-256 hash of the file.
    install : str
        Command that installs the package.
    what : str
        Description of the contents with their size, for the message that the file is missing.
    """

    package: str
    version: str
    name: str
    sha256: str
    install: str
    what: str

    def find(self, path: FilePath | None = None) -> Path:
        """Find the file of the installed package, or check another one.

        Parameters
        ----------
        path : path, optional
            File to check instead of the installed one.

        Raises
        ------
        FileNotFoundError
            If the package is not installed, or its file is missing.
        ValueError
            If the file has another hash.
        """
        file_path = self._installed() if path is None else Path(path)
        with open(file_path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != self.sha256:
            raise ValueError(
                f"{file_path} has the SHA-256 {digest[:16]}..., but the weights of {self.package} "
                f"{self.version} have {self.sha256[:16]}...: install that version: {self.install}"
            )
        return file_path

    def _installed(self) -> Path:
        try:
            path = importlib.metadata.distribution(self.package).locate_file(self.name)
        except importlib.metadata.PackageNotFoundError:
            raise FileNotFoundError(f"{self.what} come with a package: {self.install}") from None
        file_path = Path(str(path))
        if not file_path.exists():
            raise FileNotFoundError(
                f"{file_path} is missing: install {self.package} {self.version}: {self.install}"
            )
        return file_path
