"""The parts of an account, which every endpoint is given."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from imagekit_emulator.blobs import BlobStore
from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.database import Database
from imagekit_emulator.faults import Faults
from imagekit_emulator.library import Library
from imagekit_emulator.purges import Purges
from imagekit_emulator.request_log import RequestLog
from imagekit_emulator.webhooks import Webhooks

Handler = Callable[..., Response]


@dataclass(frozen=True)
class Services:
    """One emulated account: its index, its bytes and its logs."""

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
            purges=Purges(database, config),
            webhooks=Webhooks(database),
        )
