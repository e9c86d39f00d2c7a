"""Drives the server with Python's imaplib. Arguments: plain port, TLS port, certificate, directory of samples.

Every check compares content; the first that fails ends the program with a traceback.
"""

import datetime
import imaplib
import pathlib
import ssl
import sys

plain, tls, certificate, samples = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
messages = [path.read_bytes() for path in sorted(samples.glob("*.eml"))]
context = ssl.create_default_context(cafile=certificate)


def same(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def ok(result):
    status, data = result
    same("status", status, "OK")
    return data


def reads(box):
    """The sample mailbox, message by message, then in one FETCH."""
    same("EXISTS", ok(box.select("INBOX", readonly=True)), [b"8"])
    for number, want in enumerate(messages, 1):
        data = ok(box.fetch(str(number), "(BODY.PEEK[])"))
        same(f"message {number}", data[0][1], want)
    data = ok(box.uid("FETCH", "1:*", "(UID RFC822.SIZE BODY.PEEK[])"))
    same("all messages", [part[1] for part in data if isinstance(part, tuple)], messages)
    same("UNSEEN", ok(box.search(None, "UNSEEN"))[0], b"4 5 6 7 8")
    same("UTF-8 search", ok(box.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT", '"Arhus"'))[0], b"")
    box.literal = "grüße".encode()
    same("literal search", ok(box.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT"))[0], b"5")
    same("response UIDVALIDITY", box.response("UIDVALIDITY")[1], [b"1"])


def works(box):
    """Mailboxes, APPEND, flags, COPY, EXPUNGE."""
    name = "Projekte/Z&APw-rich &ZeVnLIqe-"
    ok(box.create(f'"{name}"'))
    ok(box.subscribe(f'"{name}"'))
    listed = [line for line in ok(box.list('""', '"Projekte*"'))]
    same("LIST names", sorted(line.split(b' "/" ')[1].strip(b'"') for line in listed), [b"Projekte", name.encode()])
    date = imaplib.Time2Internaldate(datetime.datetime(2021, 1, 1, 3, 4, 5, tzinfo=datetime.timezone.utc))
    body = b"Subject: from imaplib\r\n\r\n" + bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"") + b"\r\n"
    ok(box.append(f'"{name}"', r"(\Seen keyword)", date, body))
    same("EXISTS", ok(box.select(f'"{name}"')), [b"1"])
    data = ok(box.fetch("1", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY[])"))
    same("appended message", data[0][1], body)
    flags = set(imaplib.ParseFlags(data[0][0]) or imaplib.ParseFlags(data[1]))
    same("flags", {b"\\Seen", b"keyword"} <= flags, True)
    ok(box.copy("1", "Archive"))
    ok(box.store("1", "+FLAGS", r"(\Deleted)"))
    same("EXPUNGE", ok(box.expunge()), [b"1"])
    same("empty", ok(box.search(None, "ALL")), [b""])
    ok(box.close())
    same("EXISTS in Archive", ok(box.select("Archive")), [b"1"])
    same("copied message", ok(box.fetch("1", "(RFC822)"))[0][1], body)
    ok(box.rename(f'"{name}"', '"Projekte/B&APw-cher"'))
    ok(box.delete('"Projekte/B&APw-cher"'))
    same("STATUS", ok(box.status("Archive", "(MESSAGES UIDNEXT UNSEEN)")), [b"Archive (MESSAGES 1 UIDNEXT 2 UNSEEN 0)"])
    same("NAMESPACE", ok(box.namespace()), [b'(("" "/")) NIL NIL'])


def refused(box):
    """What must not work, and must leave the connection usable."""
    same("SELECT of nothing", box.select("nowhere")[0], "NO")
    status, data = box.append("nowhere", None, None, b"Subject: x\r\n\r\n")
    same("APPEND to nothing", (status, data[0].startswith(b"[TRYCREATE]")), ("NO", True))
    ok(box.select("INBOX"))
    try:
        box.uid("FETCH", "1", "(FLAGS")
    except imaplib.IMAP4.error as error:
        same("BAD", "BAD" in str(error), True)
    else:
        raise AssertionError("a broken command was not BAD")
    ok(box.noop())


def connect(kind):
    if kind == "tls":
        return imaplib.IMAP4_SSL("localhost", tls, ssl_context=context)
    box = imaplib.IMAP4("localhost", plain)
    if kind == "starttls":
        ok(box.starttls(ssl_context=context))
    return box


for kind in ("plain", "starttls", "tls"):
    box = connect(kind)
    ok(box.login("test", "any password"))
    reads(box)
    box.logout()

box = connect("tls")
ok(box.authenticate("PLAIN", lambda challenge: b"\0imaplib\0any"))
works(box)
refused(box)
box.logout()

box = connect("plain")
ok(box.login("imaplib-utf8", "any"))
if "UTF8=ACCEPT" in box.capabilities or "IMAP4REV2" in box.capabilities:
    ok(box._simple_command("ENABLE", "IMAP4rev2"))
    same("still rev1 or rev2", ok(box.select("INBOX")), [b"0"])
box.logout()
print("imaplib: all checks passed")
