"""The wire of the lab's servers: what both pools share."""

import argparse
import base64
import logging
import os
import socket

END = b"\r\n\r\n"
BLOCK = 1 << 16


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8889)
    parser.add_argument("--workers", type=int, default=5)
    parser.add_argument("--storage", default=".")
    parser.add_argument("--log")
    args = parser.parse_args()
    logging.basicConfig(filename=args.log, level=logging.WARNING)
    return args


def listen(args):
    listener = socket.create_server((args.host, args.port), backlog=128)
    print("listening on", args.port, flush=True)
    return listener


def serve(conn, storage):
    """Serves the one request of a connection."""
    with conn:
        try:
            answer(conn, storage)
        except OSError as error:
            logging.warning("%s", error)


def answer(conn, storage):
    header, rest = read_header(conn)
    words = header.split()
    if len(words) < 2:
        return
    verb, path = words[0].upper(), os.path.join(storage, os.path.basename(words[1]))
    if verb == "UPLOAD" and len(words) < 3:
        say(conn, "ERROR No size provided for UPLOAD")
    elif verb == "UPLOAD" and not words[2].isdecimal():
        say(conn, "ERROR Invalid size format")
    elif verb == "UPLOAD":
        upload(conn, path, int(words[2]), rest)
    elif verb == "GET":
        download(conn, path)
    else:
        say(conn, "ERROR Unknown command")


def read_header(conn):
    data = b""
    while END not in data:
        block = conn.recv(8192)
        if not block:
            return "", b""
        data += block
    header, rest = data.split(END, 1)
    return header.decode(errors="replace"), rest


def upload(conn, path, size, rest):
    rest = rest[:size]
    say(conn, "OK Ready to receive")
    with open(path, "wb") as file:
        while size > 0:
            if not rest or len(rest) % 4:
                block = conn.recv(min(BLOCK, size - len(rest)))
                if not block:
                    return
                rest += block
            whole = len(rest) if len(rest) == size else len(rest) // 4 * 4
            try:
                file.write(base64.b64decode(rest[:whole], validate=True))
            except ValueError:
                say(conn, "ERROR Invalid Base64 data stream")
                return
            size -= whole
            rest = rest[whole:]
    say(conn, "OK Upload complete")


def download(conn, path):
    try:
        file = open(path, "rb")
    except OSError:
        say(conn, "ERROR File not found")
        return
    with file:
        say(conn, f"OK {os.fstat(file.fileno()).st_size}")
        conn.sendfile(file)


def say(conn, text):
    conn.sendall(text.encode() + END)
