#!/usr/bin/env python3
"""Seven programs as textbooks teach them: one recv(1024) is a message, and no text has an end. Peers of
`strata talk`, both ways.

    textbook.py tcp-server|threaded-server|udp-server PORT ANSWER ENCODING  textbook.py unix-server PATH ANSWER ENCODING
    textbook.py tcp-client|udp-client PORT TEXTS ENCODING                   textbook.py unix-client PATH TEXTS ENCODING

A server answers each message, and says "ready" when it can be called. TEXTS are separated by "|"; a client says
each, and waits for its answer.
"""
import os
import socket
import sys
import threading


def show(address, data, encoding):
    print(f"({address}) >>>>>>> {data.decode(encoding)}", flush=True)


def converse(connection, address, answer, encoding):
    with connection:
        while data := connection.recv(1024):
            show(address, data, encoding)
            connection.send(answer.encode(encoding))


def tcp_server(port, answer, encoding):
    with socket.create_server(("127.0.0.1", int(port))) as server:
        print("ready", flush=True)
        converse(*server.accept(), answer, encoding)


def threaded_server(port, answer, encoding):
    with socket.create_server(("127.0.0.1", int(port))) as server:
        print("ready", flush=True)
        while True:
            threading.Thread(target=converse, args=(*server.accept(), answer, encoding), daemon=True).start()


def udp_server(port, answer, encoding):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", int(port)))
        print("ready", flush=True)
        while True:
            data, address = server.recvfrom(1024)
            show(address, data, encoding)
            server.sendto(answer.encode(encoding), address)


def unix_server(path, answer, encoding):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        connection, _ = server.accept()
        converse(connection, path, answer, encoding)


def say(client, address, texts, encoding):
    with client:
        client.connect(address)
        for text in texts.split("|"):
            client.send(text.encode(encoding))
            show(address, client.recv(1024), encoding)


def tcp_client(port, texts, encoding):
    say(socket.socket(), ("127.0.0.1", int(port)), texts, encoding)


def udp_client(port, texts, encoding):
    say(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ("127.0.0.1", int(port)), texts, encoding)


def unix_client(path, texts, encoding):
    say(socket.socket(socket.AF_UNIX), path, texts, encoding)


if __name__ == "__main__":
    which = {name.replace("_", "-"): function for name, function in list(globals().items())
             if name.endswith(("_server", "_client"))}
    try:
        which[sys.argv[1]](*sys.argv[2:])
    except KeyboardInterrupt:
        os._exit(0)
