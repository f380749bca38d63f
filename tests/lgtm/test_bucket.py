"""The object place, as a folder and as a bucket of S3."""

from pathlib import Path

import pytest

from llm_tracing.lgtm.bucket import Bucket, ObjectsError
from llm_tracing.lgtm.objects import ObjectStore, hash_of
from tests.lgtm.fake_s3 import FakeS3


@pytest.fixture(params=["folder", "bucket"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Bucket:
    if request.param == "folder":
        return Bucket((tmp_path / "objects").as_uri())
    request.getfixturevalue("s3")
    return Bucket("s3://team/llm-tracing")


def test_what_is_put_is_got_listed_and_deleted(bucket: Bucket) -> None:
    assert bucket.listed("side") == []
    for number in range(12):
        bucket.put(f"side/{number:02d}.zst", b"x" * number)
    bucket.put("runs/a/b.zst", b"run")
    assert [(one.path, one.size) for one in bucket.listed("side")] == [(f"side/{n:02d}.zst", n) for n in range(12)]
    assert all(one.put_at > 0 for one in bucket.listed("side"))
    assert bucket.get("runs/a/b.zst") == b"run"
    assert bucket.get("runs/a/c.zst") is None
    bucket.delete(["side/00.zst", "side/gone.zst", "side/01.zst"])
    assert [one.path for one in bucket.listed("side")][:2] == ["side/02.zst", "side/03.zst"]
    bucket.delete([])


def test_of_two_that_put_where_nothing_was_one_does(bucket: Bucket) -> None:
    assert bucket.put_new("runs/a.zst", b"first")
    assert not bucket.put_new("runs/a.zst", b"second")
    assert bucket.get("runs/a.zst") == b"first"
    bucket.put("runs/a.zst", b"third")
    assert bucket.get("runs/a.zst") == b"third"


def test_a_bucket_without_conditions_overwrites(s3: FakeS3) -> None:
    s3.knows_conditions = False
    bucket = Bucket("s3://team/llm-tracing")
    assert bucket.put_new("runs/a.zst", b"first")
    assert bucket.put_new("runs/a.zst", b"second")
    assert bucket.get("runs/a.zst") == b"second"


def test_a_bucket_that_refuses_is_told_from_an_object_that_is_missing(s3: FakeS3) -> None:
    bucket = Bucket("s3://team/llm-tracing")
    s3.fails = True
    for ask in (
        lambda: bucket.put("a", b""),
        lambda: bucket.put_new("a", b""),
        lambda: bucket.get("a"),
        lambda: bucket.listed("side"),
        lambda: bucket.delete(["a"]),
    ):
        with pytest.raises(ObjectsError, match=r"The object store s3://team/llm-tracing failed: "):
            ask()


def test_long_texts_lie_in_a_bucket_too(bucket: Bucket) -> None:
    objects = ObjectStore(bucket)
    texts = {hash_of(text): text for text in ("a text " * 1_000, "another")}
    objects.put_many(texts)
    assert ObjectStore(bucket).get_many([*texts, "0" * 32]) == texts
