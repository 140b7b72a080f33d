# A mail server of a test: aiosmtpd with TLS and accounts. Arguments: the directory of cert.pem and key.pem, where letters go as files, too,
# and the ports of TLS from the first byte, of STARTTLS, and of neither.
import asyncio, itertools, os, ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

where, ports = sys.argv[1], [int(p) for p in sys.argv[2:5]]
numbers = itertools.count(int(time.time() * 1000))


class Box:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such person"
        if address.startswith("later"):
            return "451 4.3.2 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        over = "tls" if server.transport.get_extra_info("sslcontext") else "plain"
        as_whom = session.auth_data.login.decode() if session.authenticated and session.auth_data else ""
        name = "%015d" % next(numbers)
        with open(os.path.join(where, name + ".part"), "wb") as f:
            f.write(f"{over}\n{as_whom}\n{','.join(envelope.rcpt_tos)}\n".encode())
            f.write(envelope.content)
        os.rename(os.path.join(where, name + ".part"), os.path.join(where, name + ".letter"))
        if os.path.exists(os.path.join(where, "slow")):
            await asyncio.sleep(float(open(os.path.join(where, "slow")).read()))
        return "250 taken"


def known(server, session, envelope, mechanism, data):
    right = data.login == b"mijuan" and data.password == b"a-secret-of-tests-only"
    return AuthResult(success=right, handled=False, auth_data=data)


tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(os.path.join(where, "cert.pem"), os.path.join(where, "key.pem"))
accounts = dict(authenticator=known, auth_required=True)
Controller(Box(), "127.0.0.1", ports[0], ssl_context=tls, auth_require_tls=False, **accounts).start()
Controller(Box(), "127.0.0.1", ports[1], tls_context=tls, require_starttls=True, auth_require_tls=True, **accounts).start()
Controller(Box(), "127.0.0.1", ports[2]).start()
print("ready", flush=True)
while True:
    time.sleep(3600)
