"""What the endpoints work with."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from .blobs import BlobStore
from .config import EmulatorConfig
from .database import Database
from .faults import Faults
from .library import Library
from .purges import Purges
from .request_log import RequestLog
from .webhooks import Webhooks

Handler = Callable[..., Response]


@dataclass(frozen=True)
class Services:
    """One emulated account with its index and bytes."""

    config: EmulatorConfig
    database: Database
    blobs: BlobStore
    library: Library
    faults: Faults
    requests: RequestLog
    purges: Purges
    webhooks: Webhooks

    @classmethod
    def open(cls, config: EmulatorConfig) -> "Services":
        database = Database(config.root / "index.sqlite3")
        blobs = BlobStore(config.root)
        return cls(
            config=config,
            database=database,
            blobs=blobs,
            library=Library(database, blobs),
            faults=Faults(database),
            requests=RequestLog(database),
            purges=Purges(database, blobs, config),
            webhooks=Webhooks(database),
        )
