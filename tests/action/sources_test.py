#!/usr/bin/env python3
"""Models by URL in `check`: downloaded once, verified, cached; what goes wrong is that entry's error."""

import argparse
import hashlib
import io
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest
import zipfile

import servers

OPTIONS = None


def zipped(bundle):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(bundle.rglob("*")):
            archive.write(path, path.relative_to(bundle.parent))
    return data.getvalue()


class SourcesTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="anecompat-sources.")
        self.work = pathlib.Path(self.directory.name).resolve()
        self.environment = {}
        examples = OPTIONS.root / "examples"
        self.contents = {
            "/faces.mlmodel": (examples / "FaceMatcher.mlmodel").read_bytes(),
            "/image.mlpackage.zip": zipped(examples / "ImageClassifier.mlpackage"),
        }

    def tearDown(self):
        self.directory.cleanup()

    def check(self, server, *arguments, sha256=None, urls=("/faces.mlmodel", "/image.mlpackage.zip"), host=None):
        lines = ["version: 1", "defaults: {targets: [m4], expect: full}", "models:"]
        for url in urls:
            digest = sha256 or hashlib.sha256(self.contents.get(url, b"")).hexdigest()
            lines.append(f'  - {{url: "{host or server.url}{url}", sha256: {digest}}}')
        (self.work / "m.yml").write_text("\n".join(lines) + "\n")
        environment = {**self.environment, "PATH": os.environ["PATH"], "HOME": str(self.work), "ANECOMPAT_CACHE": str(self.work / "cache")}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        done = subprocess.run(
            [OPTIONS.program, "check", "m.yml", "--report", "json=r.json", *arguments], cwd=self.work, env=environment,
            capture_output=True, text=True, check=False, timeout=120)
        report = json.loads((self.work / "r.json").read_text())
        self.entries = {entry["name"]: entry for entry in report["entries"]}
        self.assertEqual(report["exit_code"], done.returncode)
        return done

    def certificate(self, host):
        """A server's TLS context for `host`, and the file its clients have to trust."""
        openssl = shutil.which("openssl")
        if not openssl:
            self.skipTest("there is no openssl to make a certificate with")
        key, certificate = self.work / "key.pem", self.work / "certificate.pem"
        subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                        "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", certificate],
                       capture_output=True, check=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context, str(certificate)

    def error(self, name="faces"):
        return self.entries[name]["evaluations"][0]["error"]

    def test_downloaded_once_then_from_the_cache(self):
        with servers.serving(servers.files(self.contents)) as server:
            done = self.check(server, "--allow-loopback")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(self.entries["faces"]["evaluations"][0]["level"], "full")
            self.assertEqual(self.entries["image"]["format"], "mlpackage")
            self.assertIn(f"downloading faces: {server.url}/faces.mlmodel", done.stderr)
            self.assertEqual(len(server.requests), 2)
            self.assertEqual(self.check(server, "--allow-loopback").returncode, 0)
            self.assertEqual(self.check(server, "--allow-loopback", "--offline").returncode, 0)
            self.assertEqual(len(server.requests), 2)

    def anecompat(self, *arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.work), "ANECOMPAT_CACHE": str(self.work / "cache")}
        return subprocess.run([OPTIONS.program, *arguments], cwd=self.work, env=environment, capture_output=True,
                              text=True, check=False, timeout=120)

    def test_a_baseline_of_models_from_elsewhere(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.check(server, "--allow-loopback", "--offline")  # writes the manifest, and finds nothing
            update = ("baseline", "update", "m.yml", "--baseline", "b.json", "--reason", "first", "--allow-loopback")
            done = self.anecompat(*update, "--offline")
            self.assertEqual(done.returncode, 3)
            self.assertIn("has no result", done.stderr)
            done = self.anecompat(*update)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("downloading faces:", done.stderr)
            self.assertIn("2 added", done.stdout)
            self.assertEqual(self.check(server, "--offline", "--allow-loopback", "--baseline", "b.json").returncode, 0)
            self.assertEqual({finding["rule"] for entry in self.entries.values() for finding in entry["findings"]}, set())

    def test_a_finding_about_a_model_from_elsewhere_is_suppressed(self):
        self.contents["/trees.mlmodel"] = (OPTIONS.root / "examples/ChurnTrees.mlmodel").read_bytes()
        with servers.serving(servers.files(self.contents)) as server:
            self.assertEqual(self.check(server, "--allow-loopback", urls=["/trees.mlmodel"]).returncode, 1)
            finding = self.entries["trees"]["findings"][0]["fingerprint"]
            done = self.anecompat("suppress", finding, "--manifest", "m.yml", "--reason", "r", "--owner", "@o",
                                  "--expires", "2999-01-01", "--allow-loopback")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(finding, (self.work / "m.yml").read_text())

    def test_the_report_is_that_of_the_local_model(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.check(server, "--allow-loopback")
        remote = self.entries["image"]
        local = subprocess.run(
            [OPTIONS.program, "check", OPTIONS.root / "examples/anecompat.yml", "--report", "json", "--target", "m4",
             "--filter", "image-classifier"], capture_output=True, text=True, check=False)
        entry = json.loads(local.stdout)["entries"][0]
        for key in ("digest", "format", "type", "size", "evaluations"):
            self.assertEqual(remote[key], entry[key], key)

    def test_offline_without_a_cache(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.assertEqual(self.check(server, "--allow-loopback", "--offline").returncode, 3)
            self.assertEqual(server.requests, [])
        self.assertEqual(self.error()["kind"], "download")
        self.assertIn("--offline forbids to download it", self.error()["message"])

    def test_a_wrong_sha256_is_never_used(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.assertEqual(self.check(server, "--allow-loopback", sha256="0" * 64, urls=["/faces.mlmodel"]).returncode, 3)
        self.assertIn("its SHA-256 is", self.error()["message"])
        self.assertFalse(list((self.work / "cache").rglob("*.mlmodel")))

    def test_one_that_is_missing_leaves_the_others_alone(self):
        with servers.serving(servers.files(self.contents)) as server:
            done = self.check(server, "--allow-loopback", urls=["/faces.mlmodel", "/gone.mlmodel"])
        self.assertEqual(done.returncode, 3)
        self.assertIn("404", self.error("gone")["message"])
        self.assertNotIn("error", self.entries["faces"]["evaluations"][0])

    def test_what_is_no_model_is_named_by_its_address(self):
        self.contents["/text.mlmodel"] = b"no model at all"
        with servers.serving(servers.files(self.contents)) as server:
            self.assertEqual(self.check(server, "--allow-loopback", urls=["/text.mlmodel"]).returncode, 3)
            self.assertIn(f"{server.url}/text.mlmodel: ", self.error("text")["message"])
        self.assertNotIn(str(self.work), self.error("text")["message"])

    def test_loopback_is_refused_unless_asked_for(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.assertEqual(self.check(server).returncode, 3)
            self.assertEqual(server.requests, [])
        self.assertIn("is not encrypted", self.error()["message"])

    def test_hosts_that_are_not_allowed(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.check(server, "--allow-loopback", "--allow-host", "models.example.org")
            self.assertEqual(server.requests, [])
            self.assertIn("is not among the allowed hosts", self.error()["message"])
            self.assertEqual(self.check(server, "--allow-loopback", "--allow-host", "127.0.0.1").returncode, 0)

    def test_addresses_inside_the_network(self):
        with servers.serving(servers.files(self.contents)) as server:
            self.check(server, urls=["/faces.mlmodel"], host="https://169.254.169.254")
        self.assertIn("an address inside this network", self.error()["message"])

    # Company networks: a proxy, and a certificate authority of their own.
    def test_through_a_proxy_to_a_host_with_a_certificate_of_our_own(self):
        context, certificate = self.certificate("models.example.org")
        host = "https://models.example.org"
        with servers.serving(servers.files(self.contents), context) as server, servers.tunnelling(server) as proxy:
            self.environment = {"HTTPS_PROXY": proxy.url}
            self.assertEqual(self.check(server, host=host).returncode, 3)
            self.assertIn("certificate", self.error()["message"])
            self.assertIn("CURL_CA_BUNDLE", self.error()["message"])
            self.assertEqual(server.requests, [])
            for variable in ("CURL_CA_BUNDLE", "SSL_CERT_FILE"):
                self.environment = {"HTTPS_PROXY": proxy.url, variable: certificate}
                shutil.rmtree(self.work / "cache")
                self.assertEqual(self.check(server, host=host).returncode, 0, self.entries)
            self.assertEqual(set(proxy.requests), {("CONNECT", "models.example.org:443")})
            self.environment = {"HTTPS_PROXY": proxy.url, "CURL_CA_BUNDLE": certificate}
            shutil.rmtree(self.work / "cache")
            self.check(server, host="https://other.example.org")  # the certificate is another host's
            self.assertIn("other.example.org", self.error()["message"])

    def test_a_certificate_file_that_is_not_there(self):
        context, _ = self.certificate("models.example.org")
        with servers.serving(servers.files(self.contents), context) as server, servers.tunnelling(server) as proxy:
            self.environment = {"CURL_CA_BUNDLE": str(self.work / "gone.pem"), "HTTPS_PROXY": proxy.url}
            self.assertEqual(self.check(server, host="https://models.example.org").returncode, 3)
        self.assertIn("gone.pem", self.error()["message"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    OPTIONS, rest = parser.parse_known_args()
    OPTIONS.program = OPTIONS.program.resolve()
    OPTIONS.root = OPTIONS.root.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
