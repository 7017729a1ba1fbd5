"""Every limit in one place, read from the environment once: UNROLLED_MAX_WORDS=64 sets max_words."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

VERSION = "0.1.0"


class Settings(BaseSettings):
    """What the product allows, and where it is served. Each field can be set as UNROLLED_<NAME>."""

    model_config = SettingsConfigDict(
        env_prefix="UNROLLED_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    # Where it is served.
    host: str = "127.0.0.1"
    """Address the server listens on."""
    port: int = Field(8000, ge=0, le=65535)
    """TCP port; 0 takes a free one."""
    open_browser: bool = False
    """Open the page in the default browser once the server answers."""
    root_path: str = ""
    """Path under which a proxy shows the product, e.g. /unrolled; empty at the top of a host."""
    log_level: str = Field("info", pattern="^(critical|error|warning|info|debug|trace)$")
    """uvicorn's log level."""
    frame_ancestors: str = "'none'"
    """Who may show pages in a frame, as a CSP source list such as https://school.example. The product's own
    pages may always show a stage that is made for it (`embed=1`)."""

    # What a request may carry.
    max_body_bytes: int = Field(2 * 1024 * 1024, ge=1024)
    """Bytes in a request body."""
    max_query_bytes: int = Field(64 * 1024 - 1024, ge=256, le=65_000)
    """Bytes in a query string. The HTTP parser reads no address of 64 KiB."""

    # What an experiment may ask for.
    max_words: int = Field(256, ge=1)
    """Words in the sentence."""
    max_sentence_characters: int = Field(20_000, ge=1)
    """Characters in the sentence; one word may be as long as that."""
    max_hidden_size: int = Field(256, ge=1)
    """Hidden units."""
    max_reviews: int = Field(64, ge=1)
    """Reviews in a custom corpus."""
    max_review_words: int = Field(256, ge=1)
    """Words in one review."""
    max_review_characters: int = Field(20_000, ge=1)
    """Characters in one review."""
    max_vocabulary: int = Field(4096, ge=1)
    """Words in the vocabulary, explicit or gathered from the reviews and the sentence."""
    max_edits: int = Field(256, ge=0)
    """Single weights typed over in one experiment."""
    max_epochs: int = Field(1000, ge=0)
    """Gradient steps over the corpus before the run that is traced."""
    max_steps: int = Field(256, ge=0)
    """Single gradient steps after the epochs."""
    max_training_work: int = Field(2_000_000_000, ge=1)
    """Multiply-adds that these steps may take, a second or two."""
    max_batch_numbers: int = Field(4_000_000, ge=1)
    """Numbers in one array of a batch that is learned from; about ten such arrays are held."""
    max_course_epochs: int = Field(100_000, ge=1)
    """Passes over the corpus in one training job."""
    max_course_work: int = Field(60_000_000_000, ge=1)
    """Multiply-adds that one training job may take, about a minute."""
    max_course_records: int = Field(1000, ge=1)
    """Epochs of one training job that are reported."""
    max_absolute_number: float = Field(1e6, gt=0)
    """Largest magnitude of a typed weight, state, rate or norm."""

    # What a run costs.
    check_work: int = Field(50_000_000, ge=1)
    """Multiply-adds that one gradient check is taken to cost at most; the engine samples entries."""
    full_answer_numbers: int = Field(60_000, ge=0)
    """Numbers in jacobians or in contributions above which an answer omits them unless asked."""
    max_answer_numbers: int = Field(8_000_000, ge=1)
    """Numbers in one answer above which it is refused even when asked for."""
    max_csv_numbers: int = Field(200_000, ge=1)
    """Numbers in a table for a spreadsheet; the largest arrays beyond are left out, and named in it."""
    max_npz_numbers: int = Field(2_000_000, ge=1)
    """Numbers in an archive of arrays; the largest arrays beyond are left out, and named in it."""
    max_program_numbers: int = Field(400_000, ge=1)
    """Weights written out in a program; a network with more is refused, and pointed to the archive."""

    # How much is done at once.
    inline_work: int = Field(2_000_000, ge=0)
    """Multiply-adds up to which a run is computed in the event loop; more goes to a worker thread."""
    concurrent_runs: int = Field(1, ge=1)
    """Large runs computed at the same time. NumPy holds the interpreter for most of a run."""
    queued_runs: int = Field(32, ge=0)
    """Large runs that may wait; the next one is told 503 and when to come back."""
    queued_parts: int = Field(256, ge=0)
    """Parts of pages, such as a ledger, that may wait: a page of a class of thirty asks for 150 at once."""
    pool_work: int = Field(300_000_000, ge=0)
    """Multiply-adds above which a run goes to a worker process. A thread would hold up the event loop."""
    worker_processes: int = Field(2, ge=1)
    """Processes for training and for the largest runs, started when they are first needed."""
    queued_jobs: int = Field(16, ge=0)
    """Jobs that may wait for them; the next one is told 503 and when to come back."""
    course_seconds: float = Field(60, gt=0)
    """Seconds after which training ends, with what it has learned by then."""
    job_seconds: float = Field(120, gt=0)
    """Seconds after which a worker process is stopped whatever it does."""
    retry_after_seconds: int = Field(2, ge=1)
    """Seconds named in Retry-After when the queue is full."""
    keep_alive_seconds: int = Field(90, ge=1)
    """Seconds an idle connection stays open. uvicorn's 5 s cuts off requests that are under way."""

    # How answers travel.
    compress_from_bytes: int = Field(1024, ge=0)
    """Bytes below which an answer is sent as it is."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read from the environment at the first call."""
    return Settings()
