from __future__ import annotations

import gzip
import re
from pathlib import Path

import brotli
import pytest

from app.serving.assets import StaticAssets, asset_url, library, load


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def small(tmp_path: Path, make_client):
    """A client on two modules and a sheet of our own."""
    write(
        tmp_path,
        js__a_js='import { b } from "./b.js";\n' + "b();\n" * 120,
        js__b_js="export const b = 1;\n",
        css__a_css='@import "b.css"; .x { background: url("../pic.svg#part") }',
        css__b_css=".y { color: red }",
        pic_svg="<svg xmlns='http://www.w3.org/2000/svg'/>",
        data_png="\x89PNG" + "a" * 1000,
    )
    return make_client(app=StaticAssets(tmp_path)), load(tmp_path)


def test_a_hashed_name_is_kept_for_ever_and_a_plain_one_is_asked_for_again(small) -> None:
    client, assets = small
    forever = client.get("/" + assets["js/a.js"].hashed)
    assert forever.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert forever.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/js/a.js").headers["cache-control"] == "no-cache"


def test_a_module_names_the_hashed_file_it_imports(small) -> None:
    client, assets = small
    text = client.get("/js/a.js").text
    (specifier,) = re.findall(r'from "(.+?)"', text)
    assert specifier == "./" + assets["js/b.js"].hashed.removeprefix("js/")
    assert client.get("/js/" + specifier.removeprefix("./")).text == "export const b = 1;\n"


def test_a_sheet_holds_what_it_imports_names_what_it_uses_and_keeps_fragments(small) -> None:
    client, assets = small
    text = client.get("/css/a.css").text
    assert f'url("../{assets["pic.svg"].hashed}#part")' in text
    assert text.startswith(".y{color:red}") and "@import" not in text


def test_a_change_below_renames_what_imports_it(tmp_path: Path) -> None:
    write(tmp_path, a_js='import "./b.js";', b_js="1;", c_js="2;")
    before = {name: asset.hashed for name, asset in load(tmp_path).items()}
    write(tmp_path, b_js="3;")
    after = {name: asset.hashed for name, asset in load(tmp_path).items()}
    assert {name for name in before if before[name] != after[name]} == {"a.js", "b.js"}


@pytest.mark.parametrize(
    "specifier",
    ['import "./b.js"', "import x from './b.js'", 'export * from "./b.js"', 'import("./b.js")',
     'import{x}from"./b.js"', 'import {\n  x,\n} from "./b.js"'],
)  # fmt: skip
def test_every_form_of_import_is_rewritten(tmp_path: Path, specifier: str) -> None:
    write(tmp_path, a_js=specifier, b_js="export const x = 1;")
    assets = load(tmp_path)
    assert assets["b.js"].hashed in assets["a.js"].body.decode()


def test_a_module_is_served_without_comments_and_indentation(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        "// Why.\n/** What,\n * at length. */\nexport const f = (x) => {\n"
        '  /* here */ return `// ${x} /* */`; // "kept"\n  // gone\n}; // gone too\nlet a = "; // kept"\n'
    )
    assert load(tmp_path)["a.js"].body.decode() == (
        'export const f = (x) => {\n/* here */ return `// ${x} /* */`; // "kept"\n};\nlet a = "; // kept"\n'
    )


def test_an_import_of_a_package_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, a_js='import "somewhere"; const text = "from here";')
    assert load(tmp_path)["a.js"].body == (tmp_path / "a.js").read_bytes()


def test_a_reference_to_nothing_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, js__a_js='import "./gone.js";')
    with pytest.raises(
        ValueError, match=r"static/js/a\.js refers to static/js/gone\.js, which does not exist"
    ):
        load(tmp_path)


def test_a_circle_of_imports_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, a_js='import "./b.js";', b_js='import "./a.js";')
    with pytest.raises(ValueError, match=r"must not refer in a circle: a\.js -> b\.js -> a\.js"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("*", "br", brotli.decompress),
     ("gzip;q=0.5, br;q=0.9", "br", brotli.decompress), ("br;q=0, gzip", "gzip", gzip.decompress),
     ("zstd", None, bytes), ("", None, bytes)],
)  # fmt: skip
def test_the_encoding_is_the_best_one_accepted(small, accepted, encoding, unpack) -> None:
    client, assets = small
    request = client.http.build_request("GET", "/js/a.js", headers={"Accept-Encoding": accepted})

    async def raw():
        answer = await client.http.send(request, stream=True)
        return answer, b"".join([part async for part in answer.aiter_raw()])

    answer, body = client.portal.call(raw)
    assert answer.headers.get("content-encoding") == encoding
    assert unpack(body) == assets["js/a.js"].body
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(body)


def test_a_packed_format_is_not_packed_again(small) -> None:
    client, _ = small
    assert "content-encoding" not in client.get("/data.png", headers={"Accept-Encoding": "br"}).headers


def test_each_encoding_has_its_own_tag_and_is_answered_304_by_it(small) -> None:
    client, _ = small
    tags = {
        e: client.get("/js/a.js", headers={"Accept-Encoding": e}).headers["etag"] for e in ("br", "gzip", "")
    }
    assert len(set(tags.values())) == 3
    known = client.get(
        "/js/a.js", headers={"Accept-Encoding": "br", "If-None-Match": f'"other", W/{tags["br"]}'}
    )
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tags["br"])
    assert "content-length" not in known.headers and "content-type" not in known.headers
    assert (
        client.get("/js/a.js", headers={"Accept-Encoding": "br", "If-None-Match": tags["gzip"]}).status_code
        == 200
    )


def test_head_tells_what_get_would_carry_and_carries_nothing(small) -> None:
    client, _ = small
    full, head = client.get("/js/a.js"), client.head("/js/a.js")
    assert head.content == b""
    assert head.headers["content-length"] == full.headers["content-length"]
    assert head.headers["etag"] == full.headers["etag"]


def test_an_unknown_file_and_a_way_out_of_the_folder_are_404(client) -> None:
    for path in ("/static/none.js", "/static/", "/static/..%2Fapp/main.py", "/static/%2e%2e/app/main.py"):
        assert client.get(path).status_code == 404, path


def test_a_static_file_refuses_other_methods_and_says_which_it_takes(client) -> None:
    answer = client.post("/static/favicon.svg")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_address_of_an_asset_is_below_the_root_path_and_answers(client) -> None:
    assert asset_url("favicon.svg", "/unrolled/").startswith("/unrolled/static/favicon.")
    assert client.get(asset_url("favicon.svg", "")).headers["content-type"].startswith("image/svg+xml")


def test_the_address_of_a_missing_asset_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"static/no/such\.css does not exist"):
        asset_url("no/such.css")


def test_every_asset_of_the_product_unpacks_to_itself() -> None:
    for asset in library().values():
        for encoding in asset.encodings():
            unpack = {"br": brotli.decompress, "gzip": gzip.decompress}[encoding]
            assert unpack(asset.encode(encoding)) == asset.body, (asset.name, encoding)
