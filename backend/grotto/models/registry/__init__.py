"""Weights of models: which there are, under which licences, where they lie, whether they are whole, and how they come."""

from .connection import Connection, connect, connection_of, disconnect, is_connected
from .entries import MODELS
from .fetch import arrived_bytes, download, partial_folder
from .folder import Installed, Record, delete, find, is_installed, models_folder, read_record
from .installation import install_from
from .outside_models import OUTSIDE_MODELS, OutsideModel, outside_model
from .shell import models_command
from .verification import verify
from .weights_file import check_weights_file

__all__ = [
    "MODELS",
    "OUTSIDE_MODELS",
    "Connection",
    "Installed",
    "OutsideModel",
    "Record",
    "arrived_bytes",
    "check_weights_file",
    "connect",
    "connection_of",
    "delete",
    "disconnect",
    "download",
    "find",
    "install_from",
    "is_connected",
    "is_installed",
    "models_command",
    "models_folder",
    "outside_model",
    "partial_folder",
    "read_record",
    "verify",
]
