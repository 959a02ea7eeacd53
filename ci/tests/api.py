"""The APIs of GitHub and GitLab on loopback, as far as a gate asks them, and a store on another port that downloads are redirected to."""
import io
import json
import re
import threading
import urllib.parse
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "token-of-the-build"
BOT, SOMEBODY = "github-actions[bot]", "somebody"


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        body = json.dumps(body).encode() if not isinstance(body, bytes) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(text) if text else None

    def handled(self):
        at = urllib.parse.urlsplit(self.path)
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(at.query).items()}
        sent = self.body()
        with self.server.lock:
            self.server.seen.append((self.command, self.path, dict(self.headers)))
            if self.server.broken and self.command == "GET":
                self.server.broken -= 1
                return self.answer(502, {})
            for method, pattern, respond in self.server.routes:
                found = re.fullmatch(pattern, at.path)
                if method == self.command and found:
                    return respond(self, found, asked, sent)
        return self.answer(404, {"message": "Not Found"})

    do_GET = do_POST = do_PATCH = do_PUT = handled


class Server(ThreadingHTTPServer):
    """One of them, listening until it is closed."""

    daemon_threads = True

    def __init__(self, routes):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes, self.seen, self.lock, self.broken = routes, [], threading.Lock(), 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def close(self):
        self.shutdown()
        self.server_close()


class Forge:
    """What both have: comments with their authors, files to download, and a store elsewhere."""

    def __init__(self):
        self.comments, self.files = [], {}
        self.may_comment = True
        self.store = Server([("GET", r"/(.+)", self.stored)])
        self.server = Server(self.routes())
        self.url = self.server.url

    def close(self):
        self.server.close()
        self.store.close()

    def stored(self, handler, found, _asked, _sent):
        # What a store of somebody else would see.
        if any(name.lower() in ("authorization", "private-token", "job-token") for name in handler.headers):
            return handler.answer(400, {"message": "a token came along"})
        content = self.files.get(urllib.parse.unquote(found[1]))
        return handler.answer(404, {}) if content is None else handler.answer(200, content)

    def redirected(self, handler, name):
        return handler.answer(302, b"", Location=f"{self.store.url}/{urllib.parse.quote(name)}")

    @staticmethod
    def page(entries, asked):
        size, number = int(asked.get("per_page", 30)), int(asked.get("page", 1))
        return entries[(number - 1) * size:number * size]


class GitHub(Forge):
    repository = "OWNER/PRODUCT"

    def __init__(self):
        self.artefacts, self.login = [], None
        super().__init__()

    def routes(self):
        at = f"/repos/{self.repository}"
        return [
            ("GET", r"/user", self.who),
            ("GET", at + r"/actions/artifacts", self.listed),
            ("GET", at + r"/actions/artifacts/(\d+)/zip", self.artefact),
            ("GET", at + r"/issues/(\d+)/comments", self.read),
            ("POST", at + r"/issues/(\d+)/comments", self.written),
            ("PATCH", at + r"/issues/comments/(\d+)", self.changed),
            ("GET", r"/releases/(.+)", lambda handler, found, _asked, _sent: self.redirected(handler, found[1])),
        ]

    def allowed(self, handler):
        return handler.headers.get("Authorization") == f"Bearer {TOKEN}"

    def who(self, handler, _found, _asked, _sent):
        return handler.answer(200, {"login": self.login}) if self.login else handler.answer(403, {"message": "Resource not accessible by integration"})

    def keep(self, name, content, branch="main", fork=False):
        """An artefact of a build, the newest first, as GitHub lists them."""
        number = len(self.artefacts) + 1
        origin = {"repository_id": 1, "head_repository_id": 2 if fork else 1, "head_branch": branch}
        self.artefacts.insert(0, {"id": number, "name": name, "expired": False, "workflow_run": origin})
        self.files[f"artefact-{number}"] = content

    def listed(self, handler, _found, asked, _sent):
        if not self.allowed(handler):
            return handler.answer(401, {})
        found = [one for one in self.artefacts if one["name"] == asked.get("name", one["name"])]
        return handler.answer(200, {"total_count": len(found), "artifacts": self.page(found, asked)})

    def artefact(self, handler, found, _asked, _sent):
        return self.redirected(handler, f"artefact-{found[1]}") if self.allowed(handler) else handler.answer(401, {})

    def read(self, handler, _found, asked, _sent):
        return handler.answer(200, self.page(self.comments, asked))

    def written(self, handler, _found, _asked, sent):
        if not (self.allowed(handler) and self.may_comment):
            return handler.answer(403, {"message": "Resource not accessible by integration"})
        self.comments.append({"id": len(self.comments) + 1, "user": {"login": self.login or BOT}, "body": sent["body"]})
        return handler.answer(201, self.comments[-1])

    def changed(self, handler, found, _asked, sent):
        self.comments[int(found[1]) - 1]["body"] = sent["body"]
        return handler.answer(200, self.comments[int(found[1]) - 1])


class GitLab(Forge):
    def __init__(self):
        self.kept = None
        super().__init__()

    def routes(self):
        at = "/projects/7"
        return [
            ("GET", r"/user", lambda handler, _found, _asked, _sent: handler.answer(200, {"id": 5})),
            ("GET", at + r"/jobs/artifacts/main/raw/trustmh-gate/kept/run.zip", self.artefact),
            ("GET", at + r"/merge_requests/(\d+)/notes", lambda handler, _found, asked, _sent: handler.answer(200, self.page(self.comments, asked))),
            ("POST", at + r"/merge_requests/(\d+)/notes", self.written),
            ("PUT", at + r"/merge_requests/(\d+)/notes/(\d+)", self.changed),
        ]

    def artefact(self, handler, _found, asked, _sent):
        if asked.get("job") != "trustmh-gate" or self.kept is None:
            return handler.answer(404, {})
        if not (handler.headers.get("JOB-TOKEN") or handler.headers.get("PRIVATE-TOKEN")):
            return handler.answer(401, {})
        self.files["run.zip"] = self.kept
        return self.redirected(handler, "run.zip")

    def written(self, handler, _found, _asked, sent):
        if handler.headers.get("PRIVATE-TOKEN") != TOKEN:
            return handler.answer(401, {})
        self.comments.append({"id": len(self.comments) + 1, "author": {"id": 5}, "body": sent["body"]})
        return handler.answer(201, self.comments[-1])

    def changed(self, handler, found, _asked, sent):
        self.comments[int(found[2]) - 1]["body"] = sent["body"]
        return handler.answer(200, self.comments[int(found[2]) - 1])
