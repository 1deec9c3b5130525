"""Serves SavedModels over HTTP as TensorFlow Serving's REST interface does: `python -m tenfold serve FOLDER`.

Needs the extra `tenfold[serve]`: uvicorn, httptools and orjson.
"""

from tenfold.serving.app import App as App
from tenfold.serving.models import Models as Models
from tenfold.serving.settings import Settings as Settings
