"""What the backend and the extension compare before they talk."""

VERSION = "0.1.0"
PROTOCOL = 1  # of the HTTP interface and the job folder; both sides refuse another number
PRODUCT = "grotto"
