"""gunicorn.conf.py, as far as no running server shows it."""

import gc
import runpy


def test_worker__does_not_search_what_was_imported_for_garbage():
    configuration = runpy.run_path("gunicorn.conf.py")
    try:
        configuration["post_worker_init"](None)
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 1_000
    finally:
        gc.unfreeze()
