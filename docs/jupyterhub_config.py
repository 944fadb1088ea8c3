"""JupyterHub for one course: copy it to /etc/jupyterhub/; docs/jupyterhub.md has the rest."""

c = get_config()

# A web server in front of it gives it an address of your own, and HTTPS.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Whoever has an account on the machine logs in with its password (PAM), and works as that user.
c.Authenticator.allow_all = True
c.Spawner.default_url = "/lab"
