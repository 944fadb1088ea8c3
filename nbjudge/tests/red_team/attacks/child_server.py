"""In the child, servers of the machine are contacted by TCP, by UNIX socket and through programs.

Success: the server's canary, or a contact.
"""

from tests.red_team.submission import SHOW


def attack(submission):
    submission.in_child(
        """
        import socket, subprocess, urllib.request
        servers = [(socket.AF_INET, ("127.0.0.1", 8765)), (socket.AF_UNIX, "\\0grader")]
        for family, address in servers:
            try:
                with socket.socket(family) as one:
                    one.settimeout(2)
                    one.connect(address)
                    one.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
                    show(one.recv(1000))
            except OSError as error:
                print(error)
        try:
            show(urllib.request.urlopen("http://127.0.0.1:8765/", timeout=2).read())
        except OSError as error:
            print(error)
        command = ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8765; cat <&3"]
        show(subprocess.run(command, capture_output=True).stdout)
        """,
        SHOW,
    )
