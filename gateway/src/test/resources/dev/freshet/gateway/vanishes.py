"""Asks for a stream, waits for its first event, and forgets the connection without a FIN, as a machine that is switched
off does: Linux lets root do that (TCP_REPAIR).

vanishes.py PORT HEADER HTTP/1.1|TLS|HTTP/2
"""
import socket
import ssl
import sys

TCP_REPAIR = 19
BODY = b'{"model":"stalls","stream":true,"messages":[]}'


def http1(header):
    return b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + (
        b"%s\r\nContent-Length: %d\r\n\r\n%s" % (header.encode(), len(BODY), BODY))


def frame(kind, flags, stream, payload):
    """RFC 9113, 4.1"""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(text):
    return bytes([len(text)]) + text.encode()


def http2(header):
    name, value = header.lower().split(": ")
    fields = {":method": "POST", ":scheme": "https", ":authority": "localhost", ":path": "/v1/chat/completions",
              "content-type": "application/json", name: value}
    block = b"".join(b"\0" + literal(name) + literal(value) for name, value in fields.items())
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, block) + frame(0, 1, 1, BODY)


port, header, front = int(sys.argv[1]), sys.argv[2], sys.argv[3]
client = socket.create_connection(("127.0.0.1", port))
if front != "HTTP/1.1":
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2" if front == "HTTP/2" else "http/1.1"])
    client = context.wrap_socket(client)
client.sendall(http2(header) if front == "HTTP/2" else http1(header))
got = b""
while b"data: " not in got:
    got += client.recv(4096)
client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
client.close()
