"""What a server allows, and how it joins requests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Limits of a server.

    Attributes:
      max_batch_size: most rows that run at once; a power of two. Requests of fewer rows are joined up to it; 1 joins none.
      batch_delay_seconds: how long a request waits for others to join it. Without a delay, those are joined that came in
        while others ran.
      max_body_bytes: of a request; more is refused with status 413.
      max_requests: that are read, wait or run at the same time; more are refused with 429.
      request_seconds: from the first byte to the answer; what takes longer gets 504.
      poll_seconds: between looks for new versions.
      compiled: whether machine code beside models is used; see `tf.saved_model.LoadOptions`.
    """

    max_batch_size: int = 32
    batch_delay_seconds: float = 0.0
    max_body_bytes: int = 64 << 20
    max_requests: int = 256
    request_seconds: float = 30.0
    poll_seconds: float = 1.0
    compiled: bool = False

    def __post_init__(self) -> None:
        size = self.max_batch_size
        if size < 1 or size & (size - 1):
            raise ValueError(f"max_batch_size is {size}; it must be a power of two.")
        for name in ("max_body_bytes", "max_requests", "request_seconds", "poll_seconds"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be positive.")
        if self.batch_delay_seconds < 0:
            raise ValueError(f"batch_delay_seconds is {self.batch_delay_seconds}; it must not be negative.")
