"""Ask a window to close, as the button of its frame does: `python3 close_window.py NUMBER`, inside of the root.

There is no window manager on the screen, and xdotool leaves closing to one.
"""

from __future__ import annotations

import ctypes
import sys

CLIENT_MESSAGE = 33
XID = ctypes.c_ulong


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib, as long as any XEvent."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", XID),
        ("message_type", XID),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 12),
    ]


def main(number: int) -> int:
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = XID
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XSendEvent.argtypes = [ctypes.c_void_p, XID, ctypes.c_int, ctypes.c_long, ctypes.POINTER(ClientMessage)]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]  # it sends what waits, too
    display = x11.XOpenDisplay(None)
    if not display:
        return 1
    message = ClientMessage(type=CLIENT_MESSAGE, send_event=1, display=display, window=number, format=32)
    message.message_type = x11.XInternAtom(display, b"WM_PROTOCOLS", 0)
    message.data[0] = x11.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
    sent = x11.XSendEvent(display, number, 0, 0, ctypes.byref(message))
    x11.XCloseDisplay(display)
    return 0 if sent else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
