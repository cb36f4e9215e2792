"""S3 for real, by a server on this machine: the same bytes as on a disk, whatever is killed."""

from __future__ import annotations

import signal
from pathlib import Path
from urllib.parse import quote

import pytest

import smplceres as sc
from dataset_rows import bytes_of, run, start

moto = pytest.importorskip("moto.server", reason="S3 needs a server: pip install 'moto[server]'")
pa_fs = pytest.importorskip("pyarrow.fs", reason="pyarrow is not installed")
if not hasattr(pa_fs, "S3FileSystem"):
    pytest.skip("this pyarrow has no S3", allow_module_level=True)

KEY, SECRET, REGION = "a-key", "a-secret", "us-east-1"


class Bucket:
    """A bucket on a server, with the files of a folder in `in/`."""

    def __init__(self, name: str, endpoint: str, source: Path) -> None:
        self.name, self.endpoint = name, endpoint
        self.filesystem = pa_fs.S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            region=REGION,
            scheme="http",
            endpoint_override=endpoint,
            allow_bucket_creation=True,
        )
        self.filesystem.create_dir(name)
        for file, content in bytes_of(source).items():
            with self.filesystem.open_output_stream(f"{name}/in/{file}") as stream:
                stream.write(content)

    def uri(self, folder: str) -> str:
        options = f"scheme=http&region={REGION}&endpoint_override={quote(self.endpoint, safe='')}"
        return f"s3://{KEY}:{SECRET}@{self.name}/{folder}?{options}"

    def content(self) -> dict[str, bytes]:
        """The Parquet files in `out/`."""
        folder = f"{self.name}/out/"
        selector = pa_fs.FileSelector(folder, recursive=True, allow_not_found=True)
        found = {}
        for info in self.filesystem.get_file_info(selector):
            if info.is_file and info.path.endswith(".parquet"):
                with self.filesystem.open_input_stream(info.path) as stream:
                    found[info.path.removeprefix(folder)] = stream.read()
        return found


@pytest.fixture(scope="module")
def endpoint():
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, source, request):
    return Bucket(request.node.name.replace("_", "-")[:60], endpoint, source)


def test_a_bucket_has_the_same_bytes(bucket, fitted) -> None:
    arguments = (bucket.uri("in"), bucket.uri("out"), "--rows-per-unit", 4, "--workers", 2)
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert bucket.content() == bytes_of(fitted)
    assert ", 8 of them by earlier runs" in run(*arguments).stdout
    check = run(bucket.uri("in"), bucket.uri("out"), "--check")
    assert check.returncode == 0 and check.stdout.startswith("25 of 25 rows exactly once")


def test_a_bucket_is_a_file_system(bucket, fitted) -> None:
    folders = (f"{bucket.name}/in", f"{bucket.name}/out")
    report = sc.fit_dataset(*folders, filesystem=bucket.filesystem, rows_per_unit=4, workers=1)
    assert report.complete
    assert bucket.content() == bytes_of(fitted)
    bucket.filesystem.delete_file(f"{bucket.name}/out/a/00000-00000000.parquet")
    check = sc.check_dataset(*folders, filesystem=bucket.filesystem)
    assert check.missing == ("a/00000-00000000.parquet",)


def test_a_killed_driver_leaves_no_half_object(bucket, fitted) -> None:
    arguments = (bucket.uri("in"), bucket.uri("out"), "--rows-per-unit", 4, "--workers", 2)
    process = start(*arguments)
    while len(bucket.content()) < 3:
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert bucket.content().items() <= bytes_of(fitted).items()
    assert run(*arguments).returncode == 0
    assert bucket.content() == bytes_of(fitted)
