"""GET /api/v1/corpora: the labelled reviews that come with the product."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from app.api import schemas
from app.text import words
from app.text.corpora import CORPORA, Corpus, Review, vocabulary

router = APIRouter(prefix="/api/v1", tags=["corpora"])


@router.get(
    "/corpora",
    summary="The corpora, their reviews and their vocabularies",
    response_class=Response,
    responses={200: schemas.CORPORA},
)
async def corpora() -> Response:
    return Response(_BODY, media_type="application/json")


def _corpus(corpus: Corpus) -> dict[str, Any]:
    return {
        "name": corpus.name,
        "title": corpus.title,
        "about": corpus.about,
        "note": corpus.note,
        "labels_assumed": corpus.labels_assumed,
        "vocabulary": vocabulary(corpus.name),
        "reviews": [_review(review) for review in corpus.reviews],
    }


def _review(review: Review) -> dict[str, Any]:
    split = words.split(review.text)
    return {
        "text": review.text,
        "label": review.label,
        "words": [word.typed for word in split],
        "tokens": [word.token for word in split],
        "cue": review.cue,
        "cue_index": review.cue_index,
        "left_out": review.left_out,
    }


# The data files do not change while the server runs.
_BODY = orjson.dumps({"corpora": [_corpus(corpus) for corpus in CORPORA.values()]})
