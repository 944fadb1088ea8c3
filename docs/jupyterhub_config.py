"""JupyterHub for one course. Copy this file to /etc/jupyterhub/; see docs/jupyterhub.md."""

c = get_config()

# For HTTPS and a public address, put a web server in front of the hub.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Everyone with an account on the machine logs in with its password (PAM) and works as that user.
c.Authenticator.allow_all = True
c.Spawner.default_url = "/lab"
